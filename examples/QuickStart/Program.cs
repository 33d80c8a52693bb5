using Microsoft.ML;
using MLNetRecExt;

var mlContext = new MLContext();

// Who took what: any IDataView with a user and an item column. Ids are text, integers or keys.
Taken[] rows =
[
    new("Ann", "Alien"), new("Ann", "Arrival"), new("Ann", "Moon"),
    new("Bob", "Alien"), new("Bob", "Moon"), new("Bob", "Solaris"), new("Bob", "Gravity"),
    new("Cem", "Arrival"), new("Cem", "Moon"), new("Cem", "Solaris"),
    new("Dee", "Amélie"), new("Dee", "Notting Hill"),
    new("Eva", "Amélie"), new("Eva", "Before Sunrise"), new("Eva", "Notting Hill"),
];
IDataView data = mlContext.Data.LoadFromEnumerable(rows);

// Train. A trainer appends to a pipeline like every other of ML.NET.
var trainer = mlContext.Recommenders().Trainers.Wals("User", "Item", approximationRank: 8);
var transformer = trainer.Fit(data);

// The model recommends from the whole catalogue, without what the user has.
WalsModel model = transformer.Model;
foreach (var (item, score) in model.TopItems(RecommenderQuery.ForUser(model.Users.IndexOf("Ann")), 2))
    Console.WriteLine($"Ann might like {model.Items.GetText(item)} ({score:0.00})");

// The transformer scores rows of any pipeline, here one at a time.
var engine = mlContext.Model.CreatePredictionEngine<Taken, Prediction>(transformer);
Console.WriteLine($"Dee and Before Sunrise: {engine.Predict(new Taken("Dee", "Before Sunrise")).Score:0.00}");

// Save; load, in another process if need be.
model.Save("quickstart.model");
var loaded = RecommenderModel.Load("quickstart.model");
var best = loaded.TopItems(RecommenderQuery.ForHistory(loaded.Items.IndexOf("Amélie")), 1)[0];
Console.WriteLine($"Who likes Amélie might like {loaded.Items.GetText(best.Item)}");

record Taken(string User, string Item);
class Prediction
{
    public float Score { get; set; }
}

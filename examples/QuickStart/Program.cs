using Microsoft.ML;

var mlContext = new MLContext();
IDataView data = mlContext.Data.LoadFromEnumerable(new Taken[]
{
    new("Ann", "Alien"), new("Ann", "Arrival"), new("Ann", "Moon"),
    new("Bob", "Alien"), new("Bob", "Moon"), new("Bob", "Solaris"), new("Bob", "Gravity"),
    new("Cem", "Arrival"), new("Cem", "Moon"), new("Cem", "Solaris"),
    new("Dee", "Amélie"), new("Dee", "Notting Hill"),
    new("Eva", "Amélie"), new("Eva", "Before Sunrise"), new("Eva", "Notting Hill"),
});

// A trainer appends to a pipeline like every other of ML.NET; its model answers by the ids of the data.
var transformer = mlContext.Recommenders().Trainers.Wals("User", "Item", approximationRank: 8).Fit(data);
var recommender = transformer.Model.For<string, string>();

foreach (var film in recommender.Recommend("Ann", 2))
    Console.WriteLine($"Ann might like {film.Item} ({film.Score:0.00})");
foreach (var film in recommender.RecommendFor(["Amélie"], 1))
    Console.WriteLine($"Who likes Amélie might like {film.Item}");

transformer.Model.Save("quickstart.model");

record Taken(string User, string Item);

using System.Reflection;
using Microsoft.ML;

// Loads a saved pipeline as any ML.NET program would and prints what it answers, scores as their bits.
// Arguments: score|top|session, or native for the library's own file; path; number of users and items; and where the model is of another
// assembly's kind, that assembly. Or train.
if (args[0] == "train")
{
    Trained.PrintScores();
    return;
}
var ml = new MLContext();
if (args.Length > 3)
    ml.ComponentCatalog.RegisterAssembly(Assembly.LoadFrom(args[3]));
var size = int.Parse(args[2]);
if (args[0] == "native")
{
    NativeFile.PrintScores(args[1], size);
    return;
}
var loaded = ml.Model.Load(args[1], out _);
if (args[0] == "score")
{
    using var engine = ml.Model.CreatePredictionEngine<Row, Scored>(loaded);
    for (int user = 0; user <= size; user++)
    {
        for (int item = 0; item <= size; item++)
        {
            var row = new Row { User = $"user {user}", Item = $"item {item}" };
            Console.WriteLine($"{row.User}\t{row.Item}\t{BitConverter.SingleToInt32Bits(engine.Predict(row).Score)}");
        }
    }
}
else
{
    using var engine = ml.Model.CreatePredictionEngine<Row, Listed>(loaded);
    for (int user = 0; user <= size; user++)
    {
        var row = new Row { User = $"user {user}" };
        if (args[0] == "session")
            (row.History, row.Parity, row.Age) = ([$"item {(user + 4) % size}", "nothing"], user % 3 == 0 ? "" : $"name {user % 2}", user % 4 == 0 ? float.NaN : 20 + user);
        var list = engine.Predict(row);
        Console.WriteLine($"user {user}\t{string.Join(",", list.Items.Zip(list.Scores, (item, score) => $"{item}={BitConverter.SingleToInt32Bits(score)}"))}");
    }
}

internal sealed class Row
{
    public string User { get; set; } = "";
    public string Item { get; set; } = "";
    public float Label { get; set; }
    public string[] History { get; set; } = [];
    public string Parity { get; set; } = "";
    public float Age { get; set; }
}

internal sealed class Scored
{
    public float Score { get; set; }
}

internal sealed class Listed
{
    public string[] Items { get; set; } = [];
    public float[] Scores { get; set; } = [];
}

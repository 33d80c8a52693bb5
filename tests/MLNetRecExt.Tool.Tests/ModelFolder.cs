namespace MLNetRecExt.Tool.Tests;

/// <summary>A folder in which trainers were compared, with the record and report, and two models that the tool has trained on all of the
/// data.</summary>
public sealed class ModelFolder : IDisposable
{
    public ModelFolder()
    {
        Outputs = Commands.Select(command => Folder.RunWell(command.Split(' ')[1..])).ToArray();
        Model = RecommenderModel.Load(Folder.PathOf("shop.model"));
        Wals = (FactorModel)RecommenderModel.Load(Folder.PathOf("wals.model"));
    }

    public ToolFolder Folder { get; } = new();

    /// <summary>What has been typed.</summary>
    public static IReadOnlyList<string> Commands { get; } =
    [
        "mlrec init ratings.csv", "mlrec compare", "mlrec train --trainer item-knn --to shop.model",
        "mlrec train --trainer wals --to wals.model",
    ];

    /// <summary>What each of the commands printed.</summary>
    public IReadOnlyList<string> Outputs { get; }

    /// <summary>shop.model, by item-knn.</summary>
    public RecommenderModel Model { get; }

    /// <summary>wals.model.</summary>
    public FactorModel Wals { get; }

    public void Dispose() => Folder.Dispose();
}

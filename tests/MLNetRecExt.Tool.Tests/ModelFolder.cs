namespace MLNetRecExt.Tool.Tests;

/// <summary>A folder with a model that the tool has trained.</summary>
public sealed class ModelFolder : IDisposable
{
    public ModelFolder()
    {
        Folder.RunWell("init", "ratings.csv");
        Folder.RunWell("train", "--trainer", "item-knn", "--to", "shop.model");
        Model = RecommenderModel.Load(Folder.PathOf("shop.model"));
    }

    public ToolFolder Folder { get; } = new();

    public RecommenderModel Model { get; }

    public void Dispose() => Folder.Dispose();
}

using Microsoft.ML;
using MLNetRecExt.Tool.Sources;

namespace MLNetRecExt.Tool.Serving;

/// <summary>A model of a made-up film club, for those who want to see one served.</summary>
internal static class Demo
{
    private const int Users = 1000;

    /// <summary>Makes up the data, and trains.</summary>
    /// <param name="folder">An empty folder.</param>
    /// <param name="cancellation">Cancels.</param>
    public static async Task<ServedFiles> MakeAsync(string folder, CancellationToken cancellation)
    {
        MadeUpFiles.Write(folder, Users, seed: 42);
        var data = new DataConfiguration { File = MadeUpFiles.Ratings, Items = MadeUpFiles.Items, Group = "genres" };
        var interactions = await InteractionSource.Of(data, folder).ReadAsync(null, cancellation);
        var options = new ItemKnnTrainer.Options { CancellationToken = cancellation };
        var model = new MLContext().Recommenders().Trainers.ItemKnn(options).Fit(interactions);
        var path = Path.Combine(folder, "demo.model");
        model.Save(path);
        return new(model, path, new(Path.Combine(folder, MadeUpFiles.Items), data));
    }
}

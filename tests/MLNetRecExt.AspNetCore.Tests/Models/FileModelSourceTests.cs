using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;

namespace MLNetRecExt.AspNetCore.Tests.Models;

public sealed class FileModelSourceTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory();

    private string ModelPath => Path.Combine(_folder.FullName, "shop.model");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Find_FileReplaced_HasAnotherStampAndIsToldOf()
    {
        using var source = new FileModelSource(ModelPath);
        Assert.Null(await source.FindAsync(default));
        await File.WriteAllTextAsync(ModelPath, "first");
        var first = await source.FindAsync(default);
        Assert.Equal(first!.Stamp, (await source.FindAsync(default))!.Stamp);
        Assert.Equal(File.GetLastWriteTimeUtc(ModelPath), first.PublishedAt!.Value.UtcDateTime);

        var token = source.Watch()!;
        await File.WriteAllTextAsync(ModelPath + ".unfinished", "other");
        File.Move(ModelPath + ".unfinished", ModelPath, overwrite: true);
        await Eventually.TrueAsync(() => token.HasChanged);
        Assert.False(source.Watch()!.HasChanged);
        var second = await source.FindAsync(default);
        Assert.NotEqual(first.Stamp, second!.Stamp);
        await using var stream = await second.OpenAsync(default);
        Assert.Equal("other", await new StreamReader(stream).ReadToEndAsync());
    }

    [Fact]
    public async Task Find_LinkTurnedToAnotherFile_HasAnotherStamp()
    {
        using var source = new FileModelSource(ModelPath);
        foreach (var name in new[] { "one", "two" })
            await File.WriteAllTextAsync(Path.Combine(_folder.FullName, name), "same length");
        File.CreateSymbolicLink(ModelPath, Path.Combine(_folder.FullName, "one"));
        var first = await source.FindAsync(default);
        File.Delete(ModelPath);
        File.CreateSymbolicLink(ModelPath, Path.Combine(_folder.FullName, "two"));
        Assert.NotEqual(first!.Stamp, (await source.FindAsync(default))!.Stamp);
    }

    [Fact]
    public async Task Watch_FolderMissing_IsFoundByLooking()
    {
        using var source = new FileModelSource(Path.Combine(_folder.FullName, "later", "shop.model"));
        Assert.Null(source.Watch());
        Assert.Null(await source.FindAsync(default));
        _folder.CreateSubdirectory("later");
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "later", "shop.model"), "model");
        Assert.NotNull(source.Watch());
        Assert.NotNull(await source.FindAsync(default));
    }

    [Fact]
    public async Task Serve_FileSavedAgainWhileAnswering_SwapsWithoutAFailure()
    {
        await File.WriteAllBytesAsync(ModelPath, TrainedModels.First);
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseTestServer();
        builder.Services.AddRecommender<long, string>("shop", options => options.ModelPath = ModelPath);
        await using var app = builder.Build();
        app.MapRecommender<long, string>("/api");
        await app.StartAsync();
        var shop = app.Services.GetRequiredService<IRecommender<long, string>>();
        var first = shop.Status.Version;

        using var stop = new CancellationTokenSource();
        var client = app.GetTestClient();
        var asking = Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
                (await client.GetAsync("/api/users/7/recommendations", CancellationToken.None)).EnsureSuccessStatusCode();
        });
        RecommenderModel.Load(new MemoryStream(TrainedModels.Second)).Save(ModelPath);
        await Eventually.TrueAsync(() => shop.Status.Version != first);
        await stop.CancelAsync();
        await asking;

        File.Delete(ModelPath);
        await Eventually.TrueAsync(() => shop.Status.IsDegraded);
        Assert.Contains("There is no model at", shop.Status.Reason);
        Assert.NotEmpty((await shop.RecommendAsync(7)).Items);
    }
}

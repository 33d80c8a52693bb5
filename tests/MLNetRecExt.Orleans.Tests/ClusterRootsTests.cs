namespace MLNetRecExt.Orleans.Tests;

public sealed class ClusterRootsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("mlnetrecext").FullName;

    private string Root => Path.Combine(_folder, "root");

    private Roots Roots
    {
        get
        {
            var options = new WorkerOptions();
            options.Roots.Add(Directory.CreateDirectory(Root).FullName);
            return new(options);
        }
    }

    [Fact]
    public void Resolve_UnderARoot_ThePathWithoutLinks()
    {
        var roots = Roots;
        Directory.CreateDirectory(Path.Combine(Root, "real"));
        Directory.CreateSymbolicLink(Path.Combine(Root, "link"), "real");

        Assert.Equal(Path.Combine(Root, "real", "new"), roots.Resolve(Path.Combine(Root, "real", "new")));
        Assert.Equal(Path.Combine(Root, "real", "new"), roots.Resolve(Path.Combine(Root, "link", "new")));
        Assert.Equal(Path.Combine(Root, "other"), roots.Resolve(Path.Combine(Root, "real", "..", "other")));
        Assert.Equal(Root, roots.Resolve(Root));
    }

    [Theory]
    [InlineData("root/../outside")]
    [InlineData("rootless")]
    [InlineData("")]
    [InlineData("root/out/file")]
    [InlineData("root/chain/file")]
    [InlineData("root/up/outside")]
    [InlineData("root/loop/file")]
    [InlineData("root/nul\0")]
    public void Resolve_OutOfTheRoots_Refuses(string path)
    {
        var roots = Roots;
        Directory.CreateDirectory(Path.Combine(_folder, "outside"));
        Directory.CreateSymbolicLink(Path.Combine(Root, "out"), Path.Combine(_folder, "outside"));
        Directory.CreateSymbolicLink(Path.Combine(Root, "chain"), "out");
        Directory.CreateSymbolicLink(Path.Combine(Root, "up"), "..");
        Directory.CreateSymbolicLink(Path.Combine(Root, "loop"), "loop");

        Assert.Throws<UnauthorizedAccessException>(() => roots.Resolve(Path.Combine(_folder, path)));
        Assert.Throws<UnauthorizedAccessException>(() => roots.Resolve(path));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}

namespace MLNetRecExt.Shop.Tests;

/// <summary>A folder that is gone after the tests.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("mlnetrecext-shop-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}

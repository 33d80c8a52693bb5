using System.Runtime.Versioning;
using MLNetRecExt.Persistence;
using MLNetRecExt.Tests.Examples;

namespace MLNetRecExt.Tests.Persistence;

public sealed class CompleteFileTests : IDisposable
{
    private readonly TemporaryFiles _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public void Write_LeftoversOfKilledProcesses_AreDeletedAndNothingElse()
    {
        var path = _files.PathOf("model");
        string[] others =
        [
            "model", "model.unfinished", "model.0123abcd.xyz", "model.zip",
            "other.0123abcd.xyz.unfinished", "model.v2.0123abcd.xyz.unfinished",
        ];
        foreach (var name in others)
            _files.Write(name, "kept");
        _files.Write("model.0123abcd.xyz.unfinished", "half");
        _files.Write("model.abcd0123.zyx.unfinished", "");

        Write(path, "new");

        Assert.Equal(others.Order(), Names());
        Assert.Equal("new", File.ReadAllText(path));
    }

    [Fact]
    public void Write_KilledInTheMiddle_LeavesAFileThatTheNextOneDeletes()
    {
        var path = _files.PathOf("model");
        string left = "";
        CompleteFile.Write(path, stream =>
        {
            stream.Write("half"u8);
            left = Assert.Single(Names());
        });
        // What the folder holds when the process dies there.
        _files.Write(left, "half");

        Write(path, "new");

        Assert.Equal(["model"], Names());
    }

    [Fact]
    public void Write_FileThatIsBeingWritten_IsNoLeftover()
    {
        var path = _files.PathOf("model");

        CompleteFile.Write(path, stream =>
        {
            Write(path, "inner");
            Assert.Equal("inner", File.ReadAllText(path));
            stream.Write("outer"u8);
        });

        Assert.Equal("outer", File.ReadAllText(path));
        Assert.Equal(["model"], Names());
    }

    [Fact]
    public void Write_ManyAtOnceToOneName_AllSucceedAndOneIsThere()
    {
        var path = _files.PathOf("model");

        Parallel.For(0, 200, new ParallelOptions { MaxDegreeOfParallelism = 8 }, number => Write(path, $"{number:000}"));

        Assert.InRange(int.Parse(File.ReadAllText(path), System.Globalization.CultureInfo.InvariantCulture), 0, 199);
        Assert.Equal(["model"], Names());
    }

    [Fact]
    public async Task Write_WhereverItIsKilled_LeavesOnlyWhatTheNextOneDeletesAndKeepsNobodyFromReading()
    {
        var path = _files.Write("model", "0");
        var writing = Task.Run(() =>
        {
            for (int number = 1; number <= 300; number++)
                Write(path, $"{number}");
        });
        var reads = 0;

        for (var last = 0; !writing.IsCompleted || reads == 0; reads++)
        {
            // What is there now is there for good if the process dies now.
            Assert.All(Names(), name => Assert.Matches(@"^model(\.[a-z0-9]{8}\.[a-z0-9]{3}\.unfinished)?$", name));
            var number = int.Parse(File.ReadAllText(path), System.Globalization.CultureInfo.InvariantCulture);
            Assert.InRange(number, last, 300);
            last = number;
        }

        await writing;
        Assert.Equal("300", File.ReadAllText(path));
        Assert.Equal(["model"], Names());
    }

    [Fact]
    public void Write_ThatFails_KeepsTheOldFileAndLeavesNoOther()
    {
        var path = _files.Write("model", "old");

        Assert.Throws<InvalidTimeZoneException>(() => CompleteFile.Write(path, _ => throw new InvalidTimeZoneException()));
        Directory.CreateDirectory(_files.PathOf("folder"));
        Assert.ThrowsAny<SystemException>(() => Write(_files.PathOf("folder"), "new"));

        Assert.Equal("old", File.ReadAllText(path));
        Assert.Equal(["model"], Names());
        Assert.Throws<DirectoryNotFoundException>(() => Write(_files.PathOf("none/model"), "new"));
    }

    [Fact]
    public void Write_FileThatCannotGrow_IsAnIOException()
    {
        var path = _files.Write("model", "old");

        // What .NET throws where a file would pass the limit of its file system, 4 GB on FAT32.
        var error = Assert.Throws<IOException>(() => CompleteFile.Write(path, _ => throw new ArgumentOutOfRangeException("value")));

        Assert.Contains(path, error.Message);
        Assert.Equal("old", File.ReadAllText(path));
        Assert.Equal(["model"], Names());
    }

    [UnixFact, UnsupportedOSPlatform("windows")]
    public void Write_FileThatIsReplaced_KeepsItsModeFromTheFirstByteOn()
    {
        var path = _files.Write("model", "old");
        foreach (var others in new[] { UnixFileMode.None, UnixFileMode.GroupRead, UnixFileMode.OtherRead | UnixFileMode.OtherWrite })
        {
            var mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | others;
            File.SetUnixFileMode(path, mode);

            CompleteFile.Write(path, stream =>
            {
                Assert.Equal(mode, File.GetUnixFileMode(((FileStream)stream).SafeFileHandle));
                stream.Write("new"u8);
            });

            Assert.Equal(mode, File.GetUnixFileMode(path));
        }
    }

    [UnixFact]
    public void Write_Link_ReplacesTheFileThatItNamesAndStays()
    {
        Directory.CreateDirectory(_files.PathOf("there"));
        var target = _files.PathOf("there/model.1");
        File.CreateSymbolicLink(_files.PathOf("there/current"), "model.1");
        File.CreateSymbolicLink(_files.PathOf("link"), "there/current");
        foreach (var text in new[] { "first", "second" })
        {
            Write(_files.PathOf("link"), text);

            Assert.Equal(text, File.ReadAllText(target));
            Assert.Null(new FileInfo(target).LinkTarget);
            Assert.Equal("there/current", new FileInfo(_files.PathOf("link")).LinkTarget);
            Assert.Equal("model.1", new FileInfo(_files.PathOf("there/current")).LinkTarget);
        }
    }

    private static void Write(string path, string text) =>
        CompleteFile.Write(path, stream => stream.Write(System.Text.Encoding.UTF8.GetBytes(text)));

    private IEnumerable<string> Names() => Directory.GetFiles(_files.Folder).Select(path => Path.GetFileName(path)).Order();
}

namespace MLNetRecExt.Orleans.Tests;

public sealed class JobDataTests
{
    [Fact]
    public void Mark_FolderIsMarked_KeepsTheFile()
    {
        var folder = Directory.CreateTempSubdirectory("mlnetrecext");
        try
        {
            var marker = JobData.Mark(folder.FullName);
            var file = Assert.Single(folder.GetFiles());
            var longAgo = new DateTime(2001, 1, 1, 0, 0, 0, DateTimeKind.Utc);
            file.LastWriteTimeUtc = longAgo;

            Assert.Equal(marker, JobData.Mark(folder.FullName));
            Assert.Equal(marker, JobData.ReadMarker(folder.FullName));
            file.Refresh();
            Assert.Equal(longAgo, file.LastWriteTimeUtc);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}

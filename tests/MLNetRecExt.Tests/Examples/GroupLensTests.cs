using System.IO.Compression;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using MLNetRecExt.Tool.Sets;

namespace MLNetRecExt.Tests.Examples;

public class GroupLensTests
{
    private const string Readme = "USAGE LICENSE\n=====\n\nMade up by a test.\nFree for all.\n\nCITATION\n=====\n\nNobody.\n";

    [Fact]
    public async Task Get_Ml1m_IsDownloadedOnceCheckedAndMadeCsv()
    {
        using var files = new TemporaryFiles();
        var site = new Site("ml-1m", ("README", Readme), ("ratings.dat", "1::20::5::978300760\n2::30::3::978302109\n"), ("movies.dat", "20::Amélie \"2\" (2001)::Comedy\n30::Solaris (1972)::Drama\n"));
        var shares = new List<double>();

        var (ratings, items, notice) = await site.Get(files.Folder, shares);

        Assert.Equal("user,item,rating,timestamp\n1,20,5,978300760\n2,30,3,978302109\n", File.ReadAllText(ratings).ReplaceLineEndings("\n"));
        Assert.Equal("item,title\n20,\"Amélie \"\"2\"\" (2001)\"\n30,\"Solaris (1972)\"\n", File.ReadAllText(items).ReplaceLineEndings("\n"));
        Assert.Contains("Free for all.", notice);
        Assert.DoesNotContain("Nobody.", notice);
        Assert.Equal(1, shares[^1]);
        Assert.Equal(2, site.Requests);

        Assert.Equal((ratings, items, notice), await site.Get(files.Folder, shares));
        Assert.Equal(2, site.Requests);
    }

    [Fact]
    public async Task Get_Ml100k_TabsAndBarsBecomeCsv()
    {
        using var files = new TemporaryFiles();
        var site = new Site("ml-100k", ("README", Readme), ("u.data", "196\t242\t3\t881250949\n"), ("u.item", "242|Kolya (1996)|24-Jan-1997||http://x|0|1\n"));

        var (ratings, items, _) = await site.Get(files.Folder);

        Assert.EndsWith("196,242,3,881250949", File.ReadAllText(ratings).TrimEnd());
        Assert.EndsWith("242,\"Kolya (1996)\"", File.ReadAllText(items).TrimEnd());
    }

    [Fact]
    public async Task Get_MlLatestSmall_FilesStayAsTheyAre()
    {
        using var files = new TemporaryFiles();
        var site = new Site("ml-latest-small", ("README.txt", Readme), ("ratings.csv", "userId,movieId,rating,timestamp\n1,1,4.0,964982703\n"), ("movies.csv", "movieId,title,genres\n1,Toy Story (1995),Animation\n"));

        var (ratings, _, _) = await site.Get(files.Folder);

        Assert.StartsWith("userId,movieId,rating,timestamp", File.ReadAllText(ratings));
    }

    [Fact]
    public async Task Get_WrongChecksum_RefusedAndNothingKept()
    {
        using var files = new TemporaryFiles();
        var site = new Site("ml-1m", ("README", Readme)) { Published = new string('0', 32) };

        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => site.Get(files.Folder));

        Assert.Contains("published beside it", error.Message);
        Assert.Empty(Directory.GetFileSystemEntries(files.Folder));
    }

    [Fact]
    public async Task Get_NoNetwork_SaysWhereToPutTheFile()
    {
        using var files = new TemporaryFiles();
        var site = new Site("ml-1m") { Offline = true };

        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => site.Get(files.Folder));

        Assert.Contains("https://files.grouplens.org/datasets/movielens/ml-1m.zip", error.Message);
        Assert.Contains(files.PathOf("ml-1m.zip"), error.Message);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public async Task Get_ArchiveBroughtByHand_IsUsedWithoutNetwork()
    {
        using var files = new TemporaryFiles();
        var site = new Site("ml-1m", ("README", Readme), ("ratings.dat", "1::20::5::9\n"), ("movies.dat", "20::Solaris::Drama\n")) { Offline = true };
        File.WriteAllBytes(files.PathOf("ml-1m.zip"), site.Zip);

        var (ratings, _, _) = await site.Get(files.Folder);

        Assert.True(File.Exists(ratings));
        Assert.True(File.Exists(files.PathOf("ml-1m.zip")));
    }

    [Fact]
    public async Task Get_ForeignArchive_IsNamed()
    {
        using var files = new TemporaryFiles();
        var site = new Site("ml-1m", ("README", Readme), ("something.dat", "")) { Offline = true };
        File.WriteAllBytes(files.PathOf("ml-1m.zip"), site.Zip);

        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => site.Get(files.Folder));

        Assert.Contains("is not the archive of ml-1m: it holds no ml-1m/ratings.dat", error.Message);
    }

    /// <summary>Plays GroupLens: serves one archive and its checksum.</summary>
    private sealed class Site : HttpMessageHandler
    {
        private readonly string _name;

        public Site(string name, params (string File, string Text)[] entries)
        {
            _name = name;
            using var stream = new MemoryStream();
            using (var archive = new ZipArchive(stream, ZipArchiveMode.Create))
            {
                foreach (var (file, text) in entries)
                {
                    using var entry = archive.CreateEntry($"{name}/{file}").Open();
                    entry.Write(Encoding.Latin1.GetBytes(text));
                }
            }
            Zip = stream.ToArray();
            Published = Convert.ToHexStringLower(MD5.HashData(Zip));
        }

        public byte[] Zip { get; }
        public string Published { get; init; }
        public bool Offline { get; init; }
        public int Requests { get; private set; }

        public Task<(string Ratings, string Items, string Notice)> Get(string cache, List<double>? shares = null) =>
            new GroupLens(new HttpClient(this), cache).GetAsync(_name, new Shares(shares ?? []), default);

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (Offline)
                throw new HttpRequestException("Name or service not known");
            Requests++;
            HttpContent content = request.RequestUri!.AbsolutePath == $"/datasets/movielens/{_name}.zip.md5"
                ? new StringContent($"MD5 ({_name}.zip) = {Published}\n")
                : new ByteArrayContent(Zip);
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = content });
        }

        private sealed class Shares(List<double> shares) : IProgress<double>
        {
            public void Report(double value) => shares.Add(value);
        }
    }
}

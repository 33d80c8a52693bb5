using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace MLNetRecExt.Tool.Sets;

/// <summary>Downloads MovieLens sets from GroupLens once, checks them, and keeps them as CSV in the user's cache folder.</summary>
/// <param name="http">Does the download.</param>
/// <param name="cacheFolder">Where the sets are kept, a folder each.</param>
internal sealed partial class GroupLens(HttpClient http, string cacheFolder)
{
    private const string Site = "https://files.grouplens.org/datasets/movielens/";

    public static readonly string[] Names = ["ml-100k", "ml-latest-small", "ml-1m", "ml-20m", "ml-32m"];

    /// <summary>The user's cache folder, as the operating system has it.</summary>
    public static string DefaultCacheFolder
    {
        get
        {
            var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
            var root = OperatingSystem.IsWindows() ? Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData)
                : OperatingSystem.IsMacOS() ? Path.Combine(home, "Library", "Caches")
                : Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } cache ? cache
                : Path.Combine(home, ".cache");
            return Path.Combine(root, "MLNetRecExt");
        }
    }

    /// <summary>Paths of the ratings and the titles of a set, and its licence with the folder it is in; downloads it when it is not there
    /// yet.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="progress">Told the share that is downloaded, 0…1.</param>
    /// <param name="cancellation">Stops the download.</param>
    /// <exception cref="InvalidOperationException">Unknown name, no network, or a file that does not have its checksum.</exception>
    public async Task<(string Ratings, string Items, string Notice)> GetAsync(
        string name, IProgress<double> progress, CancellationToken cancellation)
    {
        if (!Names.Contains(name))
            throw new InvalidOperationException($"There is no set '{name}' here; there are {string.Join(", ", Names)}.");
        var folder = Path.Combine(cacheFolder, name);
        var (ratings, items) = (Path.Combine(folder, "ratings.csv"), Path.Combine(folder, "items.csv"));
        if (!File.Exists(ratings) || !File.Exists(items))
        {
            Directory.CreateDirectory(cacheFolder);
            var zip = Path.Combine(cacheFolder, name + ".zip");
            var broughtByHand = File.Exists(zip);
            if (!broughtByHand)
                await DownloadAsync(name, zip, progress, cancellation);
            Unpack(name, zip, folder);
            if (!broughtByHand)
                File.Delete(zip);
        }
        return (ratings, items, $"{File.ReadAllText(Path.Combine(folder, "LICENCE.txt"))}\n\n{name} is in {folder}.");
    }

    private async Task DownloadAsync(string name, string zip, IProgress<double> progress, CancellationToken cancellation)
    {
        var url = Site + name + ".zip";
        var part = zip + ".part";
        try
        {
            var published = MD5Text().Match(await http.GetStringAsync(url + ".md5", cancellation)).Value;
            using var response = await http.GetAsync(url, HttpCompletionOption.ResponseHeadersRead, cancellation);
            response.EnsureSuccessStatusCode();
            using var md5 = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
            await using (var source = await response.Content.ReadAsStreamAsync(cancellation))
            await using (var target = File.Create(part))
            {
                var buffer = new byte[1 << 16];
                long done = 0;
                for (int read; (read = await source.ReadAsync(buffer, cancellation)) > 0;)
                {
                    md5.AppendData(buffer, 0, read);
                    await target.WriteAsync(buffer.AsMemory(0, read), cancellation);
                    done += read;
                    if (response.Content.Headers.ContentLength is > 0 and var length)
                        progress.Report((double)done / length);
                }
            }
            var found = Convert.ToHexStringLower(md5.GetHashAndReset());
            if (found != published)
                throw new InvalidOperationException($"{url} arrived with MD5 {found}, but {published} is published beside it. Try again.");
            File.Move(part, zip, overwrite: true);
        }
        catch (Exception e) when (e is HttpRequestException or IOException or TaskCanceledException { InnerException: TimeoutException })
        {
            throw new InvalidOperationException(
                $"Cannot download {url} ({e.Message.TrimEnd('.')}). Without a network: fetch it elsewhere, put it at {zip}, and run this "
                + "again.");
        }
        finally
        {
            File.Delete(part);
        }
    }

    /// <summary>Writes ratings.csv, items.csv and LICENCE.txt; the folder appears only when all are complete.</summary>
    private static void Unpack(string name, string zip, string folder)
    {
        var unfinished = folder + ".part";
        if (Directory.Exists(unfinished))
            Directory.Delete(unfinished, recursive: true);
        Directory.CreateDirectory(unfinished);
        try
        {
            using (var archive = ZipFile.OpenRead(zip))
            {
                ZipArchiveEntry Entry(string file) =>
                    archive.GetEntry($"{name}/{file}") ?? throw new InvalidDataException($"it holds no {name}/{file}");
                var readme = archive.Entries.FirstOrDefault(entry => entry.Name.StartsWith("README", StringComparison.Ordinal))
                    ?? throw new InvalidDataException("it holds no README");
                File.WriteAllText(Path.Combine(unfinished, "LICENCE.txt"), Licence(name, ReadAll(readme)));
                var (ratings, items) = (Path.Combine(unfinished, "ratings.csv"), Path.Combine(unfinished, "items.csv"));
                switch (name)
                {
                    case "ml-100k":
                        Rewrite(Entry("u.data"), ratings, "user,item,rating,timestamp", line => line.Replace('\t', ','));
                        Rewrite(Entry("u.item"), items, "item,title", line => Title(line.Split('|')));
                        break;
                    case "ml-1m":
                        Rewrite(Entry("ratings.dat"), ratings, "user,item,rating,timestamp", line => line.Replace("::", ","));
                        Rewrite(Entry("movies.dat"), items, "item,title", line => Title(line.Split("::")));
                        break;
                    default:
                        Entry("ratings.csv").ExtractToFile(ratings);
                        Entry("movies.csv").ExtractToFile(items);
                        break;
                }
            }
            if (Directory.Exists(folder))
                Directory.Delete(folder, recursive: true);
            Directory.Move(unfinished, folder);
        }
        catch (InvalidDataException e)
        {
            throw new InvalidOperationException(
                $"{zip} is not the archive of {name}: {e.Message.TrimEnd('.')}. Delete it and run this again.");
        }
    }

    private static string Title(string[] fields) => $"{fields[0]},\"{fields[1].Replace("\"", "\"\"")}\"";

    private static void Rewrite(ZipArchiveEntry entry, string path, string header, Func<string, string> convert)
    {
        using var reader = new StreamReader(entry.Open(), Encoding.Latin1);
        using var writer = new StreamWriter(path);
        writer.WriteLine(header);
        while (reader.ReadLine() is { } line)
            writer.WriteLine(convert(line));
    }

    private static string ReadAll(ZipArchiveEntry entry)
    {
        using var reader = new StreamReader(entry.Open(), Encoding.Latin1);
        return reader.ReadToEnd();
    }

    /// <summary>The licence's section of a README: from its heading to the next one.</summary>
    private static string Licence(string name, string readme)
    {
        var section = LicenceSection().Match(readme.ReplaceLineEndings("\n"));
        return section.Success
            ? $"Usage licence of {name}, from its README:\n{section.Groups["text"].Value.Trim()}"
            : $"{name} comes from GroupLens, with terms of its own: {Site}{name}-README.html";
    }

    [GeneratedRegex("[0-9a-f]{32}")]
    private static partial Regex MD5Text();

    [GeneratedRegex(@"usage license\n[-=]+\n(?<text>.*?)(\n[^\n]+\n[-=]{3,}\n|$)", RegexOptions.IgnoreCase | RegexOptions.Singleline)]
    private static partial Regex LicenceSection();
}

using MLNetRecExt.Tool.Sets;

namespace MLNetRecExt.Benchmarks;

/// <summary>Gets the sets that are measured on.</summary>
internal static class Fetch
{
    /// <summary>Downloads a set into the cache folder, and says where it is.</summary>
    public static async Task<int> RunAsync(string name)
    {
        using var http = new HttpClient();
        try
        {
            var sets = new GroupLens(http, GroupLens.DefaultCacheFolder);
            var (ratings, items, notice) = await sets.GetAsync(name, new Progress<double>(), CancellationToken.None);
            Console.WriteLine($"{notice}\n{ratings}\n{items}");
            return 0;
        }
        catch (InvalidOperationException e)
        {
            Console.Error.WriteLine(e.Message);
            return 2;
        }
    }
}

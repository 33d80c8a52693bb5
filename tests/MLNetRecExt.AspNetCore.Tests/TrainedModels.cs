using Microsoft.ML;

namespace MLNetRecExt.AspNetCore.Tests;

/// <summary>Small models, trained once: even users take even items, odd ones odd items, each most of their half.</summary>
public static class TrainedModels
{
    public const int Users = 60, Items = 40;

    private static readonly Lazy<byte[]> LazyFirst = new(() => Bytes(Wals(Taken(), seed: 1)));
    private static readonly Lazy<byte[]> LazySecond = new(() => Bytes(Wals(Taken(), seed: 2)));
    private static readonly Lazy<byte[]> LazySmaller = new(() => Bytes(
        Wals(Taken().Where(row => string.CompareOrdinal(row.Item, "item-20") < 0), seed: 1)));
    private static readonly Lazy<byte[]> LazySwapped = new(() => Bytes(Wals(Taken(shift: 1), seed: 1)));
    private static readonly Lazy<byte[]> LazyTextUsers = new(() => Bytes(Fit(
        new MLContext().Data.LoadFromEnumerable(Taken().Select(row => new TextRow($"u{row.User}", row.Item))))));
    private static readonly Lazy<byte[]> LazyPopularity = new(() => Bytes(
        new MLContext().Recommenders().Trainers.Popularity("User", "Item").Fit(View(Taken())).Model));
    private static readonly Lazy<byte[]> LazyMeans = new(() => Bytes(
        new MLContext().Recommenders().Trainers.Mean("User", "Item", "Label").Fit(View(Taken())).Model));
    private static readonly Lazy<byte[]> LazyContent = new(() => Bytes(new MLContext().Recommenders().Trainers.ContentBased(
        new ContentBasedTrainer.Options { UserColumnName = "User", ItemColumnName = "Item", ItemFeatures = Features() }).Fit(View(Taken())).Model));
    private static readonly Lazy<byte[]> LazyHybrid = new(() => Bytes(Fit(View(Taken()), features: Features())));
    private static readonly Lazy<byte[]> LazyGood = new(() => Judged(0));
    private static readonly Lazy<byte[]> LazyBad = new(() => Judged(1));

    public static byte[] First => LazyFirst.Value;

    /// <summary>Of the same data, by another seed.</summary>
    public static byte[] Second => LazySecond.Value;

    /// <summary>Of half of the items.</summary>
    public static byte[] Smaller => LazySmaller.Value;

    /// <summary>Even users take odd items.</summary>
    public static byte[] Swapped => LazySwapped.Value;

    /// <summary>Its users are text.</summary>
    public static byte[] TextUsers => LazyTextUsers.Value;

    /// <summary>Cannot compare or explain.</summary>
    public static byte[] Popularity => LazyPopularity.Value;

    /// <summary>Learned from <see cref="Features"/> alone.</summary>
    public static byte[] Content => LazyContent.Value;

    /// <summary>The first, with <see cref="Features"/> besides.</summary>
    public static byte[] Hybrid => LazyHybrid.Value;

    /// <summary>Cannot fold in either.</summary>
    public static byte[] Means => LazyMeans.Value;

    /// <summary>The first, judged by what its users like, and so with a good NDCG@20 on its card.</summary>
    public static byte[] Good => LazyGood.Value;

    /// <summary>The first, judged by what others like.</summary>
    public static byte[] Bad => LazyBad.Value;

    public static Recommender<long, string> Recommender(byte[] model) =>
        RecommenderModel.Load(new MemoryStream(model)).For<long, string>();

    /// <summary>Whether an item is of the half that a user likes.</summary>
    public static bool Likes(long user, string item) => (user - int.Parse(item["item-".Length..])) % 2 == 0;

    public static IEnumerable<Row> Taken(int shift = 0)
    {
        for (int user = 1; user <= Users; user++)
            for (int place = 0; place < Items / 2; place++)
                if ((user * 7 + place * 3) % 5 != 0)
                    yield return new(user, $"item-{2 * place + (user + shift) % 2:00}");
    }

    /// <summary>A shelf, 0 for even items and &lt;1&gt; for odd ones, and of each fifth item a mark.</summary>
    public static SideFeatures Features() => new MLContext().Recommenders().Data.ReadFeatures(
        Enumerable.Range(0, Items), item => $"item-{item:00}",
        item => new { Shelf = item % 2 == 0 ? "0" : "<1>", Mark = item % 5 == 0 ? "rare" : null, Pages = 100.0 + item });

    private static byte[] Judged(int shift)
    {
        var recommenders = new MLContext().Recommenders();
        var taken = Taken().ToHashSet();
        var all = Enumerable.Range(1, Users).SelectMany(user => Enumerable.Range(0, Items / 2).Select(
            place => new Row(user, $"item-{2 * place + (user + shift) % 2:00}")));
        var heldOut = recommenders.Data.ReadInteractions(
            View(all.Where(row => !taken.Contains(row))), options: new() { IdsOf = recommenders.Data.ReadInteractions(View(Taken())) });
        var model = RecommenderModel.Load(new MemoryStream(First));
        return Bytes(model.WithMetrics(recommenders.Evaluate(model, heldOut, new() { Cutoffs = [20], BootstrapSamples = 0 })));
    }

    private static WalsModel Wals(IEnumerable<Row> rows, int seed) => Fit(View(rows), seed);

    private static WalsModel Fit(IDataView data, int seed = 1, SideFeatures? features = null) => new MLContext().Recommenders().Trainers.Wals(new WalsTrainer.Options
    {
        UserColumnName = "User",
        ItemColumnName = "Item",
        ApproximationRank = 4,
        Seed = seed,
        NumberOfThreads = 1,
        ItemFeatures = features,
    }).Fit(data).Model;

    private static IDataView View(IEnumerable<Row> rows) => new MLContext().Data.LoadFromEnumerable(rows);

    private static byte[] Bytes(RecommenderModel model)
    {
        var stream = new MemoryStream();
        model.Save(stream);
        return stream.ToArray();
    }

    public sealed record Row(long User, string Item, float Label = 1);

    private sealed record TextRow(string User, string Item);
}

namespace MLNetRecExt.Orleans.Tests;

/// <summary>Made-up interactions, and models of them.</summary>
internal static class Shop
{
    public const int Users = 300, Items = 120;

    public static MLContext Ml { get; } = new(1);

    public static RecommenderTrainersCatalog Trainers => Ml.Recommenders().Trainers;

    /// <summary>Some users and items have nothing; some items have very much.</summary>
    public static Interactions Orders(int users = Users, int items = Items, bool labels = true, bool weights = false, int perUser = 12)
    {
        var random = new Random(7);
        var rows = (
            from user in Enumerable.Range(0, users - 3)
            from item in Enumerable.Range(0, 1 + random.Next(2 * perUser))
                .Select(_ => (int)((items - 2) * Math.Pow(random.NextDouble(), 2))).Distinct()
            select (user, item)).ToArray();
        return Interactions.Create(
            IdMap.FromIntegers([.. Enumerable.Range(0, users).Select(user => 10L * user)], Microsoft.ML.Data.DataKind.Int64),
            IdMap.FromText([.. Enumerable.Range(0, items).Select(item => $"item {item}")]),
            Array.ConvertAll(rows, row => row.user), Array.ConvertAll(rows, row => row.item),
            labels ? Array.ConvertAll(rows, _ => 1f + random.Next(5)) : [],
            weights ? Array.ConvertAll(rows, _ => 0.5f + random.NextSingle()) : []);
    }

    public static SideFeatures Features() => Ml.Recommenders().Data.ReadFeatures(
        Ml.Data.LoadFromEnumerable(Enumerable.Range(0, Items)
            .Select(item => new Described { Item = $"item {item}", Kinds = [$"{item % 7}", $"group {item % 3}"] }).ToArray()),
        "Item", ["Kinds"]);

    /// <summary>The model's file, without times: what must be the same byte for byte.</summary>
    public static byte[] File(RecommenderModel model)
    {
        var path = Path.GetTempFileName();
        try
        {
            model.Save(path, new() { Times = false });
            return System.IO.File.ReadAllBytes(path);
        }
        finally
        {
            System.IO.File.Delete(path);
        }
    }

    private sealed class Described
    {
        public string Item { get; set; } = "";

        public string[] Kinds { get; set; } = [];
    }
}

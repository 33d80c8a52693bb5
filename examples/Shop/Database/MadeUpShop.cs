namespace Shop;

/// <summary>
/// A made-up shop: products, customers, and orders by tastes that a recommender can find. A customer likes some categories, kinds and
/// colours more than others, spends in a certain range, and rarely buys the same thing twice. Same seed, same shop.
/// </summary>
internal sealed class MadeUpShop
{
    public const int CustomerCount = 4_000;

    private const int LinesOnAverage = 15, Days = 730;

    private static readonly string[] FirstNames =
    [
        "Ada", "Amir", "Anna", "Ben", "Bruno", "Carla", "Chen", "Clara", "Dario", "Elif", "Emil", "Esther", "Farid", "Flora", "Grace",
        "Hugo", "Ida", "Ines", "Ivan", "Jonas", "Julia", "Kofi", "Lara", "Leo", "Lina", "Marta", "Mika", "Mira", "Nils", "Nora",
        "Olga", "Omar", "Paul", "Priya", "Rosa", "Samir", "Sofia", "Tariq", "Thea", "Yuki",
    ];

    private static readonly string[] LastNames =
    [
        "Abara", "Almeida", "Bauer", "Berg", "Castro", "Dahl", "Demir", "Duarte", "Fischer", "Fontaine", "Garcia", "Haas", "Hoffmann",
        "Ito", "Jensen", "Kaya", "Keller", "Kowalski", "Larsen", "Lindner", "Marino", "Mensah", "Moreau", "Novak", "Okafor", "Park",
        "Petrov", "Quinn", "Rossi", "Sato", "Schulz", "Silva", "Singh", "Tanaka", "Vogel", "Weber", "Wong", "Yilmaz", "Zhang", "Zimmer",
    ];

    private readonly Random _random;
    private readonly DateTimeOffset _until;

    private MadeUpShop(int seed, DateTimeOffset until)
    {
        (_random, _until) = (new Random(seed), until);
        Products = MakeProducts();
        Customers = [.. Enumerable.Range(1, CustomerCount).Select(id => (id, $"{Pick(FirstNames)} {Pick(LastNames)}"))];
        Orders = MakeOrders();
    }

    public IReadOnlyList<Product> Products { get; }

    public IReadOnlyList<(int Id, string Name)> Customers { get; }

    /// <summary>By time.</summary>
    public IReadOnlyList<OrderLine> Orders { get; }

    /// <param name="until">When the last order came in.</param>
    public static MadeUpShop Generate(int seed, DateTimeOffset until) => new(seed, until);

    /// <summary>Each kind by its category's four makers, in every other colour.</summary>
    private Product[] MakeProducts()
    {
        var products = new List<Product>();
        foreach (var (index, kind) in Kind.All.Index())
            for (int maker = 0; maker < 4; maker++)
                for (int colour = index % 2; colour < Kind.Colours.Length; colour += 2)
                {
                    var (by, dye) = (Kind.Makers[kind.Category][maker], Kind.Colours[colour]);
                    products.Add(new(
                        $"{kind.Id}-{by.ToLowerInvariant().Replace(" & ", "-").Replace(' ', '-')}-{dye}",
                        $"{by} {kind.Noun}, {dye}", kind.Category, kind.Description, $"{kind.Id} {dye} ground-{maker}",
                        (int)(kind.Price * (0.7 + 0.35 * maker)) * 100 + (maker == 0 ? 95 : 0),
                        _random.NextDouble() < 0.03 ? 0 : _random.Next(5, 80)));
                }
        return [.. products];
    }

    private OrderLine[] MakeOrders()
    {
        // A few things sell much, most sell little.
        var popularity = Enumerable.Range(0, Products.Count).Select(rank => 1.0 / (rank + 20)).ToArray();
        _random.Shuffle(popularity);
        var parts = Products.Select(product => product.Picture.Split(' ')).ToArray();
        var lines = new List<OrderLine>();
        foreach (var (customer, _) in Customers)
        {
            var basket = Choose(popularity, parts);
            foreach (var (product, time) in basket.Zip(Times(basket.Count)))
                lines.Add(new(customer, Products[product].Sku, _random.NextDouble() < 0.85 ? 1 : 2, time));
        }
        return [.. lines.OrderBy(line => line.OrderedAt)];
    }

    /// <summary>What a customer buys: each product's clock rings at a rate that is its appeal, and the first to ring are bought.</summary>
    private List<int> Choose(double[] popularity, string[][] parts)
    {
        Dictionary<string, double> category = Tastes(Kind.Makers.Keys, 1.7), kind = Tastes(Kind.All.Select(kind => kind.Id), 0.6),
            colour = Tastes(Kind.Colours, 1.1), ground = Tastes(["ground-0", "ground-1", "ground-2", "ground-3"], 0.7);
        var clocks = Products.Select((product, i) => -Math.Log(1 - _random.NextDouble())
            / (popularity[i] * category[product.Category] * kind[parts[i][0]] * colour[parts[i][1]] * ground[parts[i][2]])).ToArray();
        var order = Enumerable.Range(0, clocks.Length).ToArray();
        Array.Sort(clocks, order);

        // Three, and a lognormal number more.
        var count = Math.Min(60, 3 + (int)((LinesOnAverage - 3) * Math.Exp(0.8 * Normal() - 0.32)));
        var (chosen, owned) = (new List<int>(), new HashSet<string>());
        foreach (var product in order.TakeWhile(_ => chosen.Count < count))
            if (owned.Add(parts[product][0]) || _random.NextDouble() < 0.15)
                chosen.Add(product);
        return [.. chosen.OrderBy(_ => _random.Next())];
    }

    /// <summary>Rising times of so many lines, one to four of which make an order.</summary>
    private List<long> Times(int count)
    {
        var joined = _random.Next(0, Days - 30);
        var times = new List<long>();
        while (times.Count < count)
        {
            var time = _until.AddDays(-_random.NextDouble() * (Days - joined)).ToUnixTimeMilliseconds();
            times.AddRange(Enumerable.Repeat(time, Math.Min(_random.Next(1, 5), count - times.Count)));
        }
        times.Sort();
        return times;
    }

    private Dictionary<string, double> Tastes(IEnumerable<string> names, double spread) =>
        names.ToDictionary(name => name, _ => Math.Exp(spread * Normal()));

    private double Normal() =>
        Math.Sqrt(-2 * Math.Log(1 - _random.NextDouble())) * Math.Cos(2 * Math.PI * _random.NextDouble());

    private string Pick(string[] names) => names[_random.Next(names.Length)];
}

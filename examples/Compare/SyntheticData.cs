namespace Compare;

/// <summary>
/// A made-up film club: power-law popularity, members who watch in their own languages, like some genres more than others,
/// and favour films from when they were young. Same seed, same data.
/// </summary>
internal sealed class SyntheticData
{
    public const int UserCount = 6_000, ItemCount = 2_500, ExpectedInteractions = 400_000;

    // How often a user takes a film in a language they do not speak, beside one that they speak.
    private const double ForeignRate = 0.02;
    private const int FirstYear = 1970, LastYear = 2023;

    public static readonly string[] Languages = ["English", "Spanish", "Hindi", "French"];
    public static readonly string[] Genres = ["Drama", "Comedy", "Thriller", "Romance", "Sci-Fi", "Horror", "Documentary", "Animation"];
    private static readonly double[] LanguageShares = [0.40, 0.25, 0.20, 0.15];

    private static readonly string[] Adjectives = (
        "Silent Golden Broken Distant Crimson Hollow Electric Velvet Frozen Burning Secret Endless Paper Wooden Midnight "
        + "Borrowed Lonely Crooked Gentle Restless Hidden Scarlet Forgotten Bitter Lucky Drifting Sacred Second Glass Iron "
        + "Wandering Painted Quiet Stolen Bright Last Northern Invisible Savage Tender Emerald Ancient Falling Patient Curious "
        + "Salted Winter Faithful Reckless Sleeping").Split(' ');

    private static readonly string[] Nouns = (
        "Harbor Garden Orchard Station Letter Mirror Bridge Island Carnival Lighthouse Kingdom Summer Violin Desert Window "
        + "Monsoon Cathedral Railway Lantern Shadow River Compass Promise Theatre Voyage Stranger Canyon Piano Sparrow Market "
        + "Fountain Telescope Wedding Tiger Castle Harvest Engine Rooftop Witness Ocean Circus Diary Tunnel Comet Bakery Ballroom "
        + "Detective Meadow Archive Avenue").Split(' ');

    private SyntheticData(IReadOnlyList<User> users, IReadOnlyList<Item> items, IReadOnlyList<Interaction> interactions) =>
        (Users, Items, Interactions) = (users, items, interactions);

    /// <summary>A member and their side features.</summary>
    public sealed record User(int Id, string Language, string? SecondLanguage, int Age)
    {
        public string[] Languages => SecondLanguage is null ? [Language] : [Language, SecondLanguage];
    }

    /// <summary>A film and its side features.</summary>
    public sealed record Item(int Id, string Title, string Language, string Genre, string? SecondGenre, int Year)
    {
        public string[] Genres => SecondGenre is null ? [Genre] : [Genre, SecondGenre];

        public string Description => $"{Title} ({Language}, {string.Join('/', Genres)})";
    }

    /// <summary>A member watched a film. Timestamps are Unix seconds.</summary>
    public sealed record Interaction(int User, int Item, long Timestamp);

    public IReadOnlyList<User> Users { get; }
    public IReadOnlyList<Item> Items { get; }

    /// <summary>By user, then by time; a pair occurs once.</summary>
    public IReadOnlyList<Interaction> Interactions { get; }

    /// <param name="seed">Same seed, same data.</param>
    /// <param name="userCount">How many users; fewer are the first of more.</param>
    public static SyntheticData Generate(int seed, int userCount = UserCount)
    {
        var random = new Random(seed);
        var items = MakeItems(random);
        var popularity = MakePopularity(random);
        var users = new User[userCount];
        var interactions = new List<Interaction>(ExpectedInteractions + ExpectedInteractions / 10);
        for (int user = 0; user < userCount; user++)
            interactions.AddRange(Watch(users[user] = MakeUser(user, random), items, popularity, random));
        return new SyntheticData(users, items, interactions);
    }

    private static Item[] MakeItems(Random random)
    {
        var titles = Adjectives.SelectMany(adjective => Nouns.Select(noun => $"{adjective} {noun}")).ToArray();
        random.Shuffle(titles);
        var items = new Item[ItemCount];
        for (int item = 0; item < ItemCount; item++)
        {
            var language = Languages[DrawLanguage(random)];
            var genre = random.Next(Genres.Length);
            var second = random.Next(Genres.Length);
            var other = second == genre || random.NextDouble() < 0.4 ? null : Genres[second];
            items[item] = new Item(item + 1, titles[item], language, Genres[genre], other, random.Next(FirstYear, LastYear + 1));
        }
        return items;
    }

    private static User MakeUser(int user, Random random)
    {
        var (language, second) = (DrawLanguage(random), DrawLanguage(random));
        var bilingual = second != language && random.NextDouble() < 0.25;
        return new User(user + 1, Languages[language], bilingual ? Languages[second] : null, random.Next(16, 75));
    }

    /// <summary>Zipf-Mandelbrot: a few films for everybody, a long tail, dealt out in random order.</summary>
    private static double[] MakePopularity(Random random)
    {
        double[] popularity = [.. Enumerable.Range(0, ItemCount).Select(rank => Math.Pow(rank + 30, -1.0))];
        random.Shuffle(popularity);
        return popularity;
    }

    private static IEnumerable<Interaction> Watch(User user, Item[] items, double[] popularity, Random random)
    {
        // Tables of the factors, so that a pair costs no exponential.
        var genreFactor = Genres.ToDictionary(genre => genre, _ => Math.Exp(1.4 * Normal(random)));
        var prime = LastYear - user.Age + 20;
        var yearFactor = Enumerable.Range(FirstYear, LastYear - FirstYear + 1)
            .Select(year => Math.Exp(-0.5 * Math.Pow((year - prime) / 14.0, 2)) + 0.05).ToArray();

        // Drawing without replacement: each film's exponential clock rings at a rate that is its appeal; the first ones are watched.
        var clocks = new double[items.Length];
        foreach (var (i, item) in items.Index())
        {
            var taste = genreFactor[item.Genre];
            if (item.SecondGenre is not null)
                taste = Math.Sqrt(taste * genreFactor[item.SecondGenre]);
            var spoken = item.Language == user.Language || item.Language == user.SecondLanguage;
            var appeal = popularity[i] * taste * yearFactor[item.Year - FirstYear] * (spoken ? 1 : ForeignRate);
            clocks[i] = -Math.Log(1 - random.NextDouble()) / appeal;
        }
        var order = Enumerable.Range(0, items.Length).ToArray();
        Array.Sort(clocks, order);

        // 20 plus a lognormal number: ExpectedInteractions / UserCount on average.
        const double Mean = (double)ExpectedInteractions / UserCount - 20, Sigma = 1;
        var count = Math.Min(ItemCount / 2, 20 + (int)Math.Round(Mean * Math.Exp(Sigma * Normal(random) - Sigma * Sigma / 2)));
        var watched = order.AsSpan(0, count).ToArray();
        random.Shuffle(watched);
        var joined = random.NextInt64(0, Days(500));
        var start = DateTimeOffset.Parse("2024-01-01T00:00:00Z").ToUnixTimeSeconds();
        long[] times = [.. Enumerable.Range(0, count).Select(_ => start + random.NextInt64(joined, Days(730)))];
        Array.Sort(times);
        return watched.Select((item, i) => new Interaction(user.Id, items[item].Id, times[i]));

        static long Days(int days) => days * 24L * 60 * 60;
    }

    private static int DrawLanguage(Random random)
    {
        var draw = random.NextDouble();
        int language = 0;
        while (language < LanguageShares.Length - 1 && (draw -= LanguageShares[language]) >= 0)
            language++;
        return language;
    }

    private static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}

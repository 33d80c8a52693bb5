using System.Globalization;
using System.Reflection;
using Microsoft.ML;

namespace MLNetRecExt.Fuzz;

/// <summary>The trainers of the catalog, and options of theirs within and outside their ranges, found by reflection.</summary>
internal static class RandomOptions
{
    // What multiplies time stays small: these are legal at their maxima, and then they take minutes.
    private const int MostIterations = 5;
    private const int MostRank = 72;
    private const int MostWhole = 3000;

    private static readonly MethodInfo[] Trainers =
    [
        .. typeof(RecommenderTrainersCatalog).GetMethods()
            .Where(method => method.GetParameters() is [var only] && typeof(RecommenderTrainerOptions).IsAssignableFrom(only.ParameterType))
            .OrderBy(method => method.Name, StringComparer.Ordinal),
    ];

    /// <summary>The names of the trainers that stand alone.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Trainers.Select(method => method.Name)];

    /// <summary>Makes options of a trainer, each within its range.</summary>
    public static RecommenderTrainerOptions Make(string trainer, Interactions data, Random random)
    {
        var options = (RecommenderTrainerOptions)Activator.CreateInstance(Trainer(trainer).GetParameters()[0].ParameterType)!;
        foreach (var field in options.GetType().GetFields())
            if (Value(field, data, random) is { } value)
                field.SetValue(options, value);
        options.Seed = random.Next();
        return options;
    }

    /// <summary>The default options of a trainer, with few iterations and short embeddings, and what must be given.</summary>
    public static RecommenderTrainerOptions Plain(string trainer, Interactions data)
    {
        var options = (RecommenderTrainerOptions)Activator.CreateInstance(Trainer(trainer).GetParameters()[0].ParameterType)!;
        options.GetType().GetField(nameof(WalsTrainer.Options.ApproximationRank))?.SetValue(options, 8);
        switch (options)
        {
            case IterativeTrainerOptions iterative:
                iterative.NumberOfIterations = 3;
                break;
            case ContentBasedTrainer.Options content:
                content.ItemFeatures = RandomData.Features(data.Items, new Random(1));
                break;
            case StagedTrainer.Options staged:
                staged.Sources = Sources(data, new Random(1));
                break;
            case BlendTrainer.Options blend:
                blend.Members = Members(data, new Random(1));
                break;
        }
        return options;
    }

    /// <summary>The trainer with these options.</summary>
    public static RecommenderTrainer Create(string trainer, RecommenderTrainerOptions options, MLContext ml) =>
        (RecommenderTrainer)Trainer(trainer).Invoke(ml.Recommenders().Trainers, BindingFlags.DoNotWrapExceptions, null, [options], null)!;

    /// <summary>Puts one option outside its range.</summary>
    /// <returns>Its name.</returns>
    public static string PutOneOutside(RecommenderTrainerOptions options, Random random)
    {
        FieldInfo[] fields =
        [
            .. options.GetType().GetFields()
                .Where(field => field.FieldType.IsEnum || field.GetCustomAttribute<OptionRangeAttribute>() is not null),
        ];
        var field = fields[random.Next(fields.Length)];
        var type = Nullable.GetUnderlyingType(field.FieldType) ?? field.FieldType;
        field.SetValue(options, type.IsEnum
            ? Enum.ToObject(type, random.Next(20, 1000))
            : Outside(type, field.GetCustomAttribute<OptionRangeAttribute>()!, random));
        return field.Name;
    }

    private static MethodInfo Trainer(string name) => Array.Find(Trainers, method => method.Name == name)!;

    private static object Outside(Type type, OptionRangeAttribute range, Random random)
    {
        if (type == typeof(int))
            return random.Next(2) == 0 || range.Max >= int.MaxValue
                ? random.Next(int.MinValue, (int)range.Min)
                : (int)Math.Min(int.MaxValue, range.Max + 1 + random.NextInt64(1L << random.Next(1, 31)));
        double[] outside =
        [
            double.NaN, double.PositiveInfinity, double.NegativeInfinity, float.MaxValue, -float.MaxValue,
            range.MinExclusive ? range.Min : MathF.BitDecrement((float)range.Min), MathF.BitIncrement((float)range.Max),
        ];
        return Convert.ChangeType(outside[random.Next(outside.Length)], type, CultureInfo.InvariantCulture);
    }

    /// <summary>A value, or null to leave the default.</summary>
    private static object? Value(FieldInfo field, Interactions data, Random random)
    {
        var type = Nullable.GetUnderlyingType(field.FieldType) ?? field.FieldType;
        if (field.Name == nameof(RecommenderTrainerOptions.NumberOfThreads))
            return 1;
        if (field.Name == nameof(IterativeTrainerOptions.NumberOfIterations))
            return random.Next(1, MostIterations + 1);
        if (type == typeof(SideFeatures))
            return field.DeclaringType == typeof(ContentBasedTrainer.Options) || random.Next(4) == 0
                ? RandomData.Features(field.Name.StartsWith("User", StringComparison.Ordinal) ? data.Users : data.Items, random) : null;
        if (type == typeof(CandidateTrainer[]))
            return Sources(data, random);
        if (type == typeof(RecommenderTrainer[]))
            return Members(data, random);
        if (type == typeof(int[]))
            return Enumerable.Range(0, random.Next(3)).Select(_ => random.Next(1, 9)).ToArray();
        var range = field.GetCustomAttribute<OptionRangeAttribute>();
        if (type == typeof(int) && field.Name.EndsWith("Rank", StringComparison.Ordinal))
            return random.Next(1, random.Next(4) == 0 ? MostRank : 9);
        if (random.Next(2) == 0)
            return null;
        if (type == typeof(bool))
            return random.Next(2) == 0;
        if (type.IsEnum)
            return Enum.GetValues(type) is var values ? values.GetValue(random.Next(values.Length)) : null;
        if (type == typeof(int) && range is not null)
            return Whole(range, random);
        return type == typeof(float) || type == typeof(double)
            ? Convert.ChangeType(Real(range, random), type, CultureInfo.InvariantCulture) : null;
    }

    private static int Whole(OptionRangeAttribute range, Random random)
    {
        var least = (int)range.Min + (range.MinExclusive ? 1 : 0);
        var most = (int)Math.Min(range.Max, MostWhole);
        return random.Next(3) switch
        {
            0 => least,
            1 => Math.Min(most, least + random.Next(9)),
            _ => (int)Math.Min(most, least + Math.Pow(most - least + 1, random.NextDouble())),
        };
    }

    private static double Real(OptionRangeAttribute? range, Random random)
    {
        if (range is null)
            return (random.NextDouble() * 2 - 1) * Math.Pow(10, random.Next(-38, 38));
        var least = range.MinExclusive ? MathF.BitIncrement((float)range.Min) : range.Min;
        return random.Next(6) switch
        {
            0 => least,
            1 => range.Max,
            2 => Math.Clamp(Math.Pow(10, random.NextDouble() * 12 - 6), least, range.Max),
            3 => Math.Clamp(random.NextDouble(), least, range.Max),
            _ => Math.Clamp((float)(least + random.NextDouble() * (range.Max - least)), least, range.Max),
        };
    }

    private static RecommenderTrainer[] Members(Interactions data, Random random) =>
        Array.ConvertAll(Sources(data, random), source => source.Trainer);

    private static CandidateTrainer[] Sources(Interactions data, Random random)
    {
        string[] quick =
        [
            nameof(RecommenderTrainersCatalog.Popularity), nameof(RecommenderTrainersCatalog.Wals),
            nameof(RecommenderTrainersCatalog.ItemKnn),
        ];
        return
        [
            .. Enumerable.Range(0, random.Next(1, 4)).Select(_ => quick[random.Next(quick.Length)])
                .Select(name => new CandidateTrainer(Create(name, Plain(name, data), new MLContext(1)), random.Next(1, 12))),
        ];
    }
}

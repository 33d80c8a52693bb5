using System.Text.Json;
using MLNetRecExt.Kernels;

namespace MLNetRecExt;

/// <summary>What a job is to train, and on what.</summary>
/// <param name="Folder">The job's own folder.</param>
/// <param name="Data">The folder of the interactions.</param>
/// <param name="Users">Users.</param>
/// <param name="Items">Items.</param>
/// <param name="Entries">Interactions.</param>
/// <param name="Settings">The objective.</param>
/// <param name="Solver">How a row is solved.</param>
/// <param name="Rank">Factors, without biases.</param>
/// <param name="Seed">Of the start.</param>
internal sealed record WalsJobSpec(
    string Folder, string Data, int Users, int Items, long Entries, WalsSettings Settings, WalsSolver Solver, int Rank, int Seed)
{
    public const int MostRank = 1024;

    /// <summary>μ.</summary>
    public float Mean { get; init; }

    /// <summary>Sweeps at most.</summary>
    public int Iterations { get; init; }

    /// <summary>The share of the loss that a sweep must lower it by.</summary>
    public float Tolerance { get; init; }

    /// <summary>In which form rows of the other side are read.</summary>
    public WalsPrecision Precision { get; init; }

    /// <summary>Whether item factors are drawn to what features say, which are in a file of the job's folder.</summary>
    public bool HasFeatures { get; init; }

    /// <summary>γ.</summary>
    public float FeatureRegularization { get; init; }

    /// <summary>Silos that must be there.</summary>
    public int MinWorkers { get; init; } = 1;

    /// <summary>Sweeps from one checkpoint to the next.</summary>
    public int CheckpointEvery { get; init; } = 1;

    /// <summary>What to do when training diverges.</summary>
    public string Remedy { get; init; } = "";

    /// <summary>Columns of both factor tables.</summary>
    public int Columns => Settings.UseBiases ? Rank + 2 : Rank;

    public string ToJson() => JsonSerializer.Serialize(this);

    /// <exception cref="ArgumentException">It is none, or no training can have such numbers.</exception>
    public static WalsJobSpec Parse(string json)
    {
        try
        {
            var spec = JsonSerializer.Deserialize<WalsJobSpec>(json) ?? throw new ArgumentException("The specification of the job is empty.");
            spec.Validate();
            return spec;
        }
        catch (Exception cause) when (cause is JsonException or NotSupportedException or FormatException)
        {
            throw new ArgumentException($"The specification of the job cannot be read: {cause.Message}", cause);
        }
    }

    /// <summary>About the bytes that a worker takes.</summary>
    public long MemoryFor(int threads)
    {
        var (rows, row) = ((long)Users + Items, AlignedMatrix.BytesOf(1, Columns));
        var parts = 2L * (1 + Gramian.GroupsOf(Math.Max(Users, Items))) * row * row / sizeof(float);
        var copies = AlternatingLeastSquares.CopiesMemoryFor(Math.Max(Users, Items), Columns, Precision, threads);
        var solvers = Solver == WalsSolver.Cholesky
            ? threads * 2 * row * (row / sizeof(float) + 64) + AlternatingLeastSquares.BasisMemoryFor(Users, Items, Entries, Columns, threads)
            : 0;
        return (row + 40) * rows + copies + parts + solvers + threads * 1_000_000L;
    }

    private void Validate()
    {
        Check(!string.IsNullOrWhiteSpace(Folder) && !string.IsNullOrWhiteSpace(Data), "folders", $"'{Folder}' and '{Data}'", "named");
        Check(Settings is not null, nameof(Settings), "null", "given");
        OptionChecker.CheckAs(Settings!, typeof(WalsTrainer.Options));
        Check(Enum.IsDefined(Settings!.Target), nameof(WalsSettings.Target), Settings.Target, "a known one");
        Check(Enum.IsDefined(Solver), nameof(Solver), Solver, "a known one");
        Check(!Settings.UseBiases || Settings.PredictsLabels, nameof(WalsSettings.UseBiases), true, "false where lists are the aim");
        Check(Enum.IsDefined(Precision), nameof(Precision), Precision, "a known one");
        Check(Rank is >= 1 and <= MostRank, nameof(Rank), Rank, $"in [1, {MostRank}]");
        Check(Users >= 1 && AlignedMatrix.Fits(Users, Columns), nameof(Users), Users, "at least 1, and no more than a table of factors holds");
        Check(Items >= 1 && AlignedMatrix.Fits(Items, Columns), nameof(Items), Items, "at least 1, and no more than a table of factors holds");
        Check(Entries >= 1 && Entries <= (long)Users * Items, nameof(Entries), Entries, "at least 1, and no more than there are pairs");
        Check(float.IsFinite(Mean), nameof(Mean), Mean, "finite");
        Check(Iterations is >= 1 and <= 10_000, nameof(Iterations), Iterations, "in [1, 10000]");
        Check(Tolerance is >= 0 and <= 1, nameof(Tolerance), Tolerance, "in [0, 1]");
        Check(FeatureRegularization is >= 0 and <= 1e6f, nameof(FeatureRegularization), FeatureRegularization, "in [0, 1e6]");
        Check(MinWorkers is >= 1 and <= 1024, nameof(MinWorkers), MinWorkers, "in [1, 1024]");
        Check(CheckpointEvery is >= 1 and <= 10_000, nameof(CheckpointEvery), CheckpointEvery, "in [1, 10000]");
    }

    private static void Check(bool isGood, string name, object value, string needed)
    {
        if (!isGood)
            throw new ArgumentOutOfRangeException(
                name, value, FormattableString.Invariant($"{name} in the specification of the job must be {needed}."));
    }
}

using System.Text;

namespace MLNetRecExt.Orleans.Tests;

public sealed class ClusterJobSpecTests
{
    private static readonly WalsJobSpec Good = new(
        "/data/jobs/a", "/data/store", 100, 50, 400, new(0.1f, 1, 0.05f, 0.25f, 0, 0, 0, WalsTarget.One, UseBiases: false, 0.1f),
        WalsSolver.ConjugateGradient, 16, 42)
    {
        Iterations = 5,
        FeatureRegularization = 10,
    };

    public static TheoryData<string, string> Bad => new()
    {
        { nameof(WalsJobSpec.Rank), (Good with { Rank = 0 }).ToJson() },
        { nameof(WalsJobSpec.Rank), (Good with { Rank = 1025 }).ToJson() },
        { nameof(WalsJobSpec.Users), (Good with { Users = 0 }).ToJson() },
        { nameof(WalsJobSpec.Users), (Good with { Users = int.MaxValue, Rank = 1024, Entries = long.MaxValue }).ToJson() },
        { "specification", Good.ToJson().Replace("\"Users\":100", "\"Users\":2147483648", StringComparison.Ordinal) },
        { nameof(WalsJobSpec.Items), (Good with { Items = -1 }).ToJson() },
        { nameof(WalsJobSpec.Entries), (Good with { Entries = -1 }).ToJson() },
        { nameof(WalsJobSpec.Entries), (Good with { Entries = 5001 }).ToJson() },
        { nameof(WalsJobSpec.Iterations), (Good with { Iterations = 0 }).ToJson() },
        { nameof(WalsJobSpec.Solver), (Good with { Solver = (WalsSolver)9 }).ToJson() },
        { nameof(WalsSettings.Regularization), (Good with { Settings = Good.Settings with { Regularization = -1 } }).ToJson() },
        { nameof(WalsSettings.UseBiases), (Good with { Settings = Good.Settings with { UseBiases = true } }).ToJson() },
        { "specification", "" },
        { "specification", "null" },
        { "specification", "{}" },
    };

    [Fact]
    public void Parse_OfWhatToJsonGives_TheSame() => Assert.Equal(Good, WalsJobSpec.Parse(Good.ToJson()));

    [Theory]
    [MemberData(nameof(Bad))]
    public void Parse_OfWhatNoTrainingHas_NamesIt(string name, string json) =>
        Assert.Contains(name, Assert.ThrowsAny<ArgumentException>(() => WalsJobSpec.Parse(json)).Message);

    [Fact]
    public void Parse_OfMutatedText_RefusesOrIsWithinLimits()
    {
        var random = new Random(3);
        var bytes = Encoding.UTF8.GetBytes(Good.ToJson());
        for (int trial = 0; trial < 30_000; trial++)
        {
            var mutated = (byte[])bytes.Clone();
            for (int change = random.Next(4); change >= 0; change--)
                mutated[random.Next(mutated.Length)] = (byte)random.Next(256);
            try
            {
                var spec = WalsJobSpec.Parse(Encoding.UTF8.GetString(mutated));
                Assert.InRange(spec.Rank, 1, 1024);
                Assert.InRange(spec.Entries, 1, (long)spec.Users * spec.Items);
                Assert.True(spec.MemoryFor(threads: 8) > 0);
            }
            catch (ArgumentException)
            {
                // Refused, as it should be.
            }
        }
    }
}

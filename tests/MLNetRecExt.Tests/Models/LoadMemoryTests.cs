using System.IO.Compression;
using Microsoft.ML;
using Microsoft.ML.Data;
using MLNetRecExt.Kernels;
using MLNetRecExt.Persistence;
using static MLNetRecExt.Tests.Models.HostileFileTests;

namespace MLNetRecExt.Tests.Models;

/// <summary>What a file claims is counted before memory is taken: beyond what it could fill, 64 MB by default.</summary>
[Collection(RunsAlone.Name)]
public class LoadMemoryTests
{
    private const int Allowance = 64_000_000;

    // The reader's buffer, the kinds of models that are looked up, and the exception.
    private const int Little = 1_000_000;

    private static readonly WalsSettings Wals = new(0.1f, 1, 0, 0, 0, 0, 0, WalsTarget.Label, UseBiases: false);
    private static readonly NeighborSettings Neighbors = new(5, NeighborSimilarity.Bm25, 10, 0.5f, 0.5f, 0, 1, 1.2f, 0.75f, NeighborScore.Mean);

    [Theory]
    [InlineData("Popularity", int.MaxValue)]
    [InlineData("Popularity", 500_000_000)]
    [InlineData("Popularity", 3_000_000)]
    [InlineData("Mean", int.MaxValue)]
    [InlineData("Mean", 500_000_000)]
    [InlineData("UserKnn", 3_000_000)]
    [InlineData("Fused", 3_000_000)]
    public void Load_KeysWithoutAByteEach_AreRefusedBeforeMemoryIsTaken(string kind, int keys)
    {
        var file = OfKeys(kind, keys);

        Assert.InRange(file.Length, 80, 300);
        AssertRefused(file, Little);
        Load(OfKeys(kind, 1_000_000));
    }

    [Theory]
    [InlineData(255, 20_000_000, true)]
    [InlineData(255, 40_000, false)]
    [InlineData(20, 1_000_000, true)]
    public void Load_ManyModelsOfTheSameKeys_AreRefused(int models, int keys, bool share) =>
        AssertRefused(Craft("Fused", Fused(models, 1, share), IdMap.FromKeys(0), IdMap.FromKeys(keys), NoRows), Allowance);

    [Fact]
    public void Load_ProposalsAsLongAsTheCatalogue_AreRefused()
    {
        Load(Craft("Fused", Fused(255, 1000), IdMap.FromKeys(0), IdMap.FromKeys(40_000), NoRows));
        AssertRefused(Craft("Fused", Fused(255, int.MaxValue), IdMap.FromKeys(0), IdMap.FromKeys(40_000), NoRows), 10 * Little);
    }

    [Fact]
    public void Load_ModelsOfOneHistory_ShareWhatIsCountedOfIt()
    {
        var fused = (FusedModel)Load(Craft("Fused", Fused(3, 1), items: IdMap.FromKeys(7)));

        Assert.All(fused.Sources, source => Assert.Same(fused.ItemCountArray, source.Model.ItemCountArray));
        Assert.All(fused.Sources, source => Assert.Same(fused.LabelMeans, source.Model.LabelMeans));
        Assert.Equal([1, 0, 0, 0, 0, 0, 0], fused.ItemPopularity);
    }

    /// <summary>One number in the file, sixteen in memory.</summary>
    [Fact]
    public void Load_EmbeddingsOfOneNumber_TakeNoMoreThanAllowed()
    {
        var file = Narrow(250_000);
        Assert.InRange(file.Length, 0, 1_010_000);
        Assert.InRange(Allocated(() => Answer(Load(file))), 16_000_000, file.Length + Allowance);

        var larger = Narrow(1_200_000);
        AssertRefused(larger, Allowance);
        Assert.Equal(1_200_000, Load(larger, 300_000_000).Items.Count);

        static void Answer(RecommenderModel model)
        {
            var history = RecommenderQuery.ForHistory(0);
            Assert.Equal(3, model.TopItems(history, 3).Length);
            Assert.Equal(3, model.SimilarItems(0, 3).Length);
            Assert.Empty(model.SimilarUsers(0, 3));
            Assert.Single(model.Explain(history, 1));
        }

        static byte[] Narrow(int items)
        {
            var (ofUsers, ofItems) = (new AlignedMatrix(1, 1), new AlignedMatrix(items, 1));
            ofUsers[0][0] = 1;
            for (int item = 0; item < items; item++)
                ofItems[item][0] = 1 + item % 7;
            return Craft("Wals", writer =>
            {
                writer.WriteMatrix(ofUsers);
                writer.WriteMatrix(ofItems);
                writer.WriteSingle(0);
                Wals.Write(writer);
                writer.WriteByte(0);
            }, items: IdMap.FromKeys(items));
        }
    }

    /// <summary>To fold in takes matrices of K × K.</summary>
    [Fact]
    public void Load_ManyModelsOfOneWideEmbedding_AreRefused()
    {
        AssertRefused(Many(100), Allowance);
        Assert.Equal(5, ((FusedModel)Load(Many(5))).Sources.Count);

        static byte[] Many(int count) => Craft("Fused", writer =>
        {
            Begin(writer, count);
            for (int source = 0; source < count; source++)
            {
                Quota(writer, 1);
                Head(writer, "Wals");
                writer.WriteMatrix(new AlignedMatrix(1, 1024));
                writer.WriteMatrix(new AlignedMatrix(1, 1024));
                writer.WriteSingle(0);
                Wals.Write(writer);
                writer.WriteByte(0);
            }
        });
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Load_TextsOfHardlyALetter_TakeNoMoreThanAllowed(int length)
    {
        const int count = 100_000;
        var file = Craft("Popularity", Popular, items: IdMap.FromText([.. Enumerable.Repeat(new string('x', length), count)]));

        Assert.InRange(file.Length, 4 * count, 1_000_000);
        Assert.InRange(Allocated(() => Assert.Equal(0, Load(file).Items.IndexOf(new string('x', length)))), count, file.Length + Allowance);
    }

    [Fact]
    public void Load_CardsOfTheMostParts_TakeNoMoreThanAllowed()
    {
        var file = OfCard(50_000);
        var before = GC.GetTotalMemory(forceFullCollection: true);

        var model = Load(file);

        Assert.InRange(file.Length, 1 << 18, 1 << 20);
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, 1, file.Length + Allowance);
        Assert.Equal(50_000, model.Info!.Options.Count);
        Assert.Contains("damaged", Assert.Throws<InvalidDataException>(() => Load(OfCard(200_000))).Message);

        static byte[] OfCard(int options) => Craft("Popularity", Popular, common: writer => ModelFile.WriteBase(
            writer, default, new("", Enumerable.Range(0, options).Select(n => KeyValuePair.Create($"{(char)('0' + n % 64)}{(char)('0' + n / 64 % 64)}{n / 4096}", "")), [])));
    }

    [Fact]
    public void Load_MoreStagesThanAnybodyHas_TakeNoMoreThanAllowed()
    {
        var file = Craft("Fused", writer =>
        {
            Begin(writer, 255);
            for (int source = 0; source < 255; source++)
            {
                Quota(writer, 1);
                Head(writer, "Fused");
                Fused(135, 1)(writer);
            }
        });
        Assert.InRange(file.Length, 1_900_000, 2_000_000);
        var before = GC.GetTotalMemory(forceFullCollection: true);

        var model = Load(file);

        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, 1, file.Length + Allowance);
        Assert.Equal(255, ((FusedModel)model).Sources.Count);
    }

    [Theory]
    [InlineData("Popularity", 2_150_000)]
    [InlineData("Mean", 2_150_000)]
    [InlineData("UserKnn", 1_180_000)]
    [InlineData("Fused", 1_800_000)]
    public void TopItems_OfAModelAsLargeAsAllowed_TakesNoMoreThanAllowed(string kind, int keys)
    {
        var file = OfKeys(kind, keys);
        AssertRefused(OfKeys(kind, keys + keys / 10), Allowance);

        var scores = new float[keys];
        var allocated = Allocated(() =>
        {
            var model = Load(file);
            var query = kind == "UserKnn" ? RecommenderQuery.ForHistory(0) : RecommenderQuery.ForUser(0);
            // The sources of stages propose nothing that was taken.
            Assert.Equal(kind == "Fused" ? 0 : 1, model.TopItems(query, 3, new() { ExcludeSeen = false }).Length);
            model.ScoreItems(query, scores);
            Assert.Equal(1, model.ScoreUnknown(0, 1));
        });

        Assert.False(float.IsNaN(scores[0]));
        Assert.Equal(float.NaN, scores[1]);
        Assert.InRange(allocated, 4 * keys, Allowance);
    }

    [Fact]
    public void Load_KeysWithInteractions_LoadByDefault()
    {
        const int keys = 4_000_000;
        int[] taken = [.. Enumerable.Range(0, keys)];
        var file = Craft("Popularity", Popular, items: IdMap.FromKeys(keys), rows: writer =>
        {
            writer.WriteInt32(0);
            writer.WriteArray<int>([0, keys]);
            writer.WriteArray<int>(taken);
        });

        Assert.Equal(keys, Load(file).Items.Count);
    }

    [Fact]
    public void Load_MaxMemory_AllowsWhatTheDefaultRefuses()
    {
        var file = OfKeys("Popularity", 3_000_000);

        Assert.Equal(3_000_000, Load(file, 100_000_000).ItemPopularity.Length);
        AssertRefused(file, 20 * Little, 80_000_000);
    }

    [Fact]
    public void Load_MaxMemoryBelowWhatAGoodModelNeeds_SaysWhatItNeeds()
    {
        var data = Interactions.Create(IdMap.FromKeys(2000), IdMap.FromKeys(1000), [0, 1, 1999], [0, 1, 999]);
        using var stream = new MemoryStream();
        new MLContext(1).Recommenders().Trainers.Wals(approximationRank: 64).Fit(data).Save(stream);
        var file = stream.ToArray();

        Load(file);
        Load(file, 10_000_000);
        AssertRefused(file, Little, 1);
        AssertRefused(file, Little, 500_000);
        var refused = Assert.Throws<InvalidDataException>(() => Load(file, 1_000_000)).Message;
        Assert.Contains("1,000,000 are allowed", refused);
        Assert.Contains("MaxMemory = ", refused);
    }

    [Fact]
    public void Load_LimitOfTheProcess_StandsInForTheDefaultAlsoWithinPipelines()
    {
        var file = OfKeys("Popularity", 3_000_000);
        using var stream = new MemoryStream();
        new SavedState(Load(file, 100_000_000), 7, new TopItemsOptions()).Write(stream);

        Assert.Contains(ModelReader.MaxMemoryName, Assert.Throws<InvalidDataException>(Read).Message);
        AppContext.SetData(ModelReader.MaxMemoryName, 100_000_000L);
        try
        {
            Assert.Equal(3_000_000, Read().Model.Items.Count);
            Assert.Equal(3_000_000, Load(file).Items.Count);
            AssertRefused(file, Little, 1_000_000);
        }
        finally
        {
            AppContext.SetData(ModelReader.MaxMemoryName, null);
        }

        SavedState Read() => SavedState.Read(new MemoryStream(stream.ToArray()));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void Load_MaxMemoryOutOfRange_IsRefusedByName(long bytes) => Assert.Equal(
        nameof(LoadOptions.MaxMemory), Assert.Throws<ArgumentOutOfRangeException>(() => Load(OfKeys("Popularity", 1), bytes)).ParamName);

    /// <summary>Zeros are there, and hardly any bytes of the file.</summary>
    [Fact]
    public void Load_CompressedZerosBeyondMaxMemory_AreRefusedWhenItIsReached()
    {
        var ids = new long[5_000_000];
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest, leaveOpen: true))
            gzip.Write(Craft("Popularity", Popular, IdMap.FromKeys(1), IdMap.FromIntegers(ids, DataKind.Int64)));
        const int most = 20_000_000;

        // Arrays double: all that were taken are less than twice the last.
        Assert.InRange(Allocated(() => Assert.Throws<InvalidDataException>(() => Load(most))), 1, 2 * most);
        Assert.Equal(ids.Length, Load(400_000_000).Items.Count);

        RecommenderModel Load(long bytes)
        {
            compressed.Position = 0;
            using var gzip = new GZipStream(compressed, CompressionMode.Decompress, leaveOpen: true);
            return RecommenderModel.Load(gzip, new() { MaxMemory = bytes });
        }
    }

    private static RecommenderModel Load(byte[] file, long? maxMemory = null) =>
        RecommenderModel.Load(new MemoryStream(file), new() { MaxMemory = maxMemory });

    private static void AssertRefused(byte[] file, long allocated, long? maxMemory = null)
    {
        var taken = Allocated(() =>
            Assert.Contains("MaxMemory", Assert.Throws<InvalidDataException>(() => Load(file, maxMemory)).Message));
        Assert.InRange(taken, 1, allocated);
    }

    private static long Allocated(Action load)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        load();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    /// <summary>One user, who took the first of so many items.</summary>
    private static byte[] OfKeys(string kind, int keys) => Craft(kind, kind switch
    {
        "Mean" => writer => writer.WriteInt32((int)MeanOf.Item),
        "UserKnn" => new NeighborLists(new SparseMatrix(1, [[(0, 1f)]]), Neighbors).Write,
        "Fused" => Fused(1, 1),
        _ => Popular,
    }, items: IdMap.FromKeys(keys));

    private static void NoRows(ModelWriter writer)
    {
        writer.WriteInt32(0);
        writer.WriteArray<int>([0]);
        writer.WriteArray<int>([]);
    }

    /// <summary>So many popularities, each of the same history or of one of its own.</summary>
    private static Action<ModelWriter> Fused(int count, int quota, bool share = true) => writer =>
    {
        Begin(writer, count);
        for (int source = 0; source < count; source++)
        {
            Quota(writer, quota);
            writer.WriteName("Popularity");
            writer.WriteByte(share ? (byte)1 : (byte)0);
            writer.WriteChecksum();
            if (!share)
                NoRows(writer);
            NoBase(writer);
            Popular(writer);
        }
    };

    private static void Begin(ModelWriter writer, int count)
    {
        writer.WriteInt32((int)CandidateFusion.ReciprocalRank);
        writer.WriteByte((byte)count);
    }

    private static void Quota(ModelWriter writer, int quota)
    {
        writer.WriteInt32(quota);
        writer.WriteSingle(1);
    }
}

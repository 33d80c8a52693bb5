using Microsoft.ML;

namespace MLNetRecExt.Tests;

public class SavedStateTests
{
    private static readonly MLContext ML = new(1);

    // Where the parts of the layout stand.
    private const int NumberOfItems = 4, Fallback = 9, PassingItems = 13;

    private static readonly RecommenderModel Model = ML.Recommenders().Trainers.Popularity().Fit(Checkerboard.Text(ML)).Model;

    [Fact]
    public void Read_EveryTruncation_SaysThatItEndsEarly()
    {
        var bytes = Bytes(ItemFilter.Only([1, 3]));

        for (int length = 0; length < bytes.Length; length++)
            Assert.Contains("ends early", Assert.Throws<InvalidDataException>(() => Read(bytes[..length])).Message);
        Assert.Equal([1, 3], Read(bytes).Candidates.Filter!.Items);
    }

    [Fact]
    public void Read_CountOfItemsThatAreNotThere_TakesMemoryForThoseThatAre()
    {
        var bytes = Bytes(ItemFilter.Only([1, 3]));
        Put(bytes, PassingItems, int.MaxValue);
        var before = GC.GetAllocatedBytesForCurrentThread();

        Assert.Contains("ends early", Assert.Throws<InvalidDataException>(() => Read(bytes)).Message);

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000);
    }

    [Theory]
    [InlineData(NumberOfItems, -1)]
    [InlineData(Fallback, 7)]
    [InlineData(PassingItems + 4, -1)]
    public void Read_ValueThatNobodyWrites_SaysDamaged(int position, int value)
    {
        var bytes = Bytes(ItemFilter.Only([1, 3]));
        Put(bytes, position, value);

        Assert.Contains("damaged", Assert.Throws<InvalidDataException>(() => Read(bytes)).Message);
    }

    private static void Put(byte[] bytes, int position, int value) => BitConverter.TryWriteBytes(bytes.AsSpan(position), value);

    private static SavedState Read(byte[] bytes) => SavedState.Read(new MemoryStream(bytes));

    private static byte[] Bytes(ItemFilter filter)
    {
        using var stream = new MemoryStream();
        new SavedState(Model, 7, new TopItemsOptions { Filter = filter }).Write(stream);
        return stream.ToArray();
    }
}

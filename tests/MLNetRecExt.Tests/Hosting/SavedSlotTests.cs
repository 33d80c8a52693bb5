using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNetRecExt.Tests;

public class SavedSlotTests
{
    private static readonly MLContext ML = new(1);

    private readonly VBuffer<float>[] _parts = Parts(new SavedState(
        ML.Recommenders().Trainers.Popularity().Fit(Checkerboard.Text(ML)).Model, 7, new TopItemsOptions()));

    private static VBuffer<float>[] Parts(SavedState state)
    {
        using var slab = new FloatSlabWriter();
        state.Write(slab);
        var (length, vectors) = slab.ToVectors(20);
        return [.. vectors.Select(vector => new VBuffer<float>(length, vector()))];
    }

    private SavedState LoadRow(SavedSlot slot)
    {
        if (slot.MustFill())
        {
            foreach (var part in _parts)
                slot.Add(part);
        }
        return slot.State;
    }

    [Fact]
    public void State_FirstRowsOfManyThreadsAtOnce_IsOneForAll()
    {
        const int threads = 4;
        Assert.True(_parts.Length > 2);
        for (int round = 0; round < 500; round++)
        {
            var slot = SavedSlot.New(out _);
            using var start = new Barrier(threads);
            var states = new SavedState[threads];
            var errors = new Exception?[threads];

            var running = Enumerable.Range(0, threads).Select(t => new Thread(() =>
            {
                start.SignalAndWait();
                errors[t] = Record.Exception(() => states[t] = LoadRow(slot));
            })).ToArray();
            Array.ForEach(running, thread => thread.Start());
            Array.ForEach(running, thread => thread.Join());

            Assert.All(errors, Assert.Null);
            Assert.All(states, state => Assert.Same(states[0], state));
            Assert.Equal(7, states[0].NumberOfItems);
        }
    }

    [Fact]
    public void State_RowThatFailedBefore_IsBroughtAgain()
    {
        var slot = SavedSlot.New(out _);
        Assert.True(slot.MustFill());
        slot.Add(_parts[0]);

        Assert.Equal(7, LoadRow(slot).NumberOfItems);
        Assert.False(slot.MustFill());
    }
}

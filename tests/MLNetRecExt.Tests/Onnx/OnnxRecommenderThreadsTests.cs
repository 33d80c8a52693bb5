using System.Diagnostics;
using Microsoft.ML;

namespace MLNetRecExt.Tests.Onnx;

/// <summary>A session does not tell its options; the process tells its threads.</summary>
[Collection(RunsAlone.Name)]
public sealed class OnnxRecommenderThreadsTests
{
    [Fact]
    public void ApplyOnnxRecommender_NumberOfThreads_IsThatOfTheSession()
    {
        using var file = new OnnxFile(OnnxModels.Train("wals"), OnnxForm.TopItemsForUser);
        // What the first session starts for all of them is not counted.
        Started(1);

        // The one that runs a batch is there already. A few others may come or go meanwhile.
        Assert.InRange(Started(1), -8, 8);
        Assert.InRange(Started(65), 64 - 8, 64 + 8);

        int Started(int threads)
        {
            var before = Count();
            using var transformer = new MLContext().Recommenders().Transforms.ApplyOnnxRecommender(file.Path, numberOfThreads: threads).Fit(new MLContext().Data.LoadFromEnumerable(new[] { new { User = "" } }));
            return Count() - before;
        }
    }

    private static int Count()
    {
        using var process = Process.GetCurrentProcess();
        return process.Threads.Count;
    }
}

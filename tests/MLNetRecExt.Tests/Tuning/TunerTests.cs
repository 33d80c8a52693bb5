using Microsoft.ML;
using MLNetRecExt.Tests.Evaluation;

namespace MLNetRecExt.Tests.Tuning;

public sealed class TunerTests : IDisposable
{
    private readonly string _log = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
    private readonly MLContext _mlContext = new();
    private readonly Interactions _train = TestModel.Rows(3, [0], [1, 2]);
    private readonly Interactions _validation = TestModel.Rows(3, [1], []);
    private readonly List<HillOptions> _trained = [];

    public void Dispose() => File.Delete(_log);

    [Fact]
    public void Tune_SmoothHill_ComesWithinAPercentOfTheTop()
    {
        for (int seed = 0; seed < 5; seed++)
        {
            var result = Tune(new HillOptions(), new() { Seed = seed });
            Assert.True(result.Best.Metric > 0.99 * HillTrainer.Hill(0.03, 0.7, 12), $"seed {seed}: {result.Best}");
        }
    }

    [Fact]
    public void Tune_Result_HasBestTrialsValuesIterationsAndBaseOptions()
    {
        var result = Tune(new HillOptions { Kept = 5, UserColumnName = "Who" }, new() { Trials = 15 });
        Assert.Equal(15, result.Trials.Count);
        Assert.Equal(result.Trials.Max(trial => trial.Metric), result.Best.Metric);
        Assert.Equal((float)result.Best.Values["Rate"], result.Options.Rate);
        Assert.Equal(result.Best.Values["Share"], result.Options.Share);
        Assert.Equal(result.Best.Iterations, result.Options.NumberOfIterations);
        Assert.Equal((5, "Who"), (result.Options.Kept, result.Options.UserColumnName));
        Assert.Null(result.Options.Progress);
        Assert.Equal(HillTrainer.Hill(result.Options.Rate, result.Options.Share, result.Options.NumberOfIterations), result.Best.Metrics[result.Best.Iterations - 1]);
    }

    [Fact]
    public void Tune_ByRmse_FindsTheLowest()
    {
        var options = new HillOptions { ReportsRmse = true };
        var result = Tune(options, new() { Metric = TuneMetric.Rmse, LogPath = _log, HalvingFactor = 3 });
        Assert.True(result.Best.Metric < 1 - 0.99 * HillTrainer.Hill(0.03, 0.7, 12), $"{result.Best}");
        Assert.Equal(result.Trials.Min(trial => trial.Metric), result.Best.Metric);
        Assert.InRange(result.Trials.Count(trial => trial.Halved), 5, 25);
        Assert.StartsWith(FormattableString.Invariant($"trial {result.Best.Trial}: RMSE {result.Best.Metric:0.0000}"), result.ToString());
        var resumed = Tune(options, new() { Metric = TuneMetric.Rmse, LogPath = _log, HalvingFactor = 3 });
        Assert.Equal(result.Trials.Select(trial => trial.ToString()), resumed.Trials.Select(trial => trial.ToString()));
        Assert.Throws<ArgumentException>(() => Tune(options, new() { LogPath = _log }));
    }

    [Fact]
    public void Tune_MetricThatTheTrainerDoesNotReport_IsMeasuredAtTheEnd()
    {
        var result = Tune(new HillOptions { ReportsRmse = true }, new() { Trials = 1 });
        Assert.Equal(["NDCG@20"], result.Trials.Select(trial => trial.MetricName));
        Assert.Single(result.Best.Metrics);
    }

    [Fact]
    public void Tune_RatingTrainersByRmse_ChooseByTheLabelsOfTheValidationPart()
    {
        var random = new Random(4);
        var data = TestModel.LabelledRows(30, [.. Enumerable.Range(0, 60).Select(user =>
            Enumerable.Range(0, 30).Where(_ => random.Next(3) > 0).Select(item => (item, 3f + user % 3 - item % 2 + (user + item) % 2 + random.NextSingle())).ToArray())]);
        var recommenders = _mlContext.Recommenders();
        var split = recommenders.Splits.RandomPerUser(data, 0.2);
        var tuning = new TunerOptions { Metric = TuneMetric.Rmse, Trials = 6, RelevanceThreshold = 4 };

        var means = recommenders.Tune(recommenders.Trainers.Mean, new MeanTrainer.Options { LabelColumnName = "Label" }, split.Train, split.Test, new() { Metric = TuneMetric.Rmse, Trials = 1 });
        var sgd = recommenders.Tune(recommenders.Trainers.SgdMatrixFactorization, new SgdMatrixFactorizationTrainer.Options { ApproximationRank = 8, Regularization = 100 }, split.Train, split.Test, tuning);
        var wals = recommenders.Tune(
            recommenders.Trainers.Wals,
            new WalsTrainer.Options { ApproximationRank = 8, Regularization = 100, Target = WalsTarget.Label, UnobservedWeight = 0, UseBiases = true, EarlyStoppingRounds = 0 },
            split.Train, split.Test, tuning);

        Assert.Equal([Error(recommenders.Trainers.Mean(new MeanTrainer.Options()).Fit(split.Train))], means.Best.Metrics);
        Assert.Equal(["ApproximationRank", "LearningRate", "Regularization"], sgd.Best.Values.Keys);
        // UnobservedWeight is off, and stays it.
        Assert.Equal(["Regularization"], wals.Best.Values.Keys);
        foreach (var best in new[] { sgd.Best, wals.Best })
            Assert.InRange(best.Metric, 0, 0.8 * means.Best.Metric);
        Assert.Equal(wals.Best.Metrics[wals.Best.Iterations - 1], Error(recommenders.Trainers.Wals(wals.Options).Fit(split.Train)), 12);

        double Error(RecommenderModel model) => recommenders.EvaluateRatings(model, split.Test).AllPairsRmse.Mean;
    }

    [Theory]
    [InlineData(new double[0], double.NaN, 0)]
    [InlineData(new[] { 0.5 }, 0.5, 1)]
    [InlineData(new[] { 0.5, 0.25 }, 0.375, 1)]
    [InlineData(new[] { 0.25, 1, 0.25, 0.75, 0.75, 0.75 }, 0.75, 5)] // the mean around the lonely 1 is 0.5
    public void Metric_NoisyIterations_IsTheBestMeanOfNeighbours(double[] metrics, double metric, int iterations)
    {
        var trial = new TuneTrial(0, new Dictionary<string, double>(), metrics, Halved: false, Seconds: 0);
        Assert.Equal((metric, iterations), (trial.Metric, trial.Iterations));
    }

    [Fact]
    public void Iterations_UncertainGainOfFewer_AreThoseWithTheSurerOne()
    {
        // Means of neighbours .4 .4 .3667 .3333 .3, less half of the errors .25 .25 .2167 .3333 .3.
        var trial = new TuneTrial(0, new Dictionary<string, double>(), [0.4, 0.4, 0.4, 0.3, 0.3], Halved: false, Seconds: 0, StandardErrors: [0.3, 0.3, 0.3, 0, 0]);
        Assert.Equal(4, trial.Iterations);
        Assert.Equal(1.0 / 3, trial.Metric, 1e-12);
        Assert.Equal((0, trial.Metric), (trial.StandardError, trial.CautiousMetric));
    }

    [Theory]
    [InlineData(2, true)]
    [InlineData(400, false)]
    public void Tune_GainWithinItsNoise_KeepsTheBaseOptions(int items, bool kept)
    {
        // Against rank 2 for all, rank 1 for even users and 8 for odd ones: 0.027 better on average, ± 0.24 where two items make up all pairs, ± 0.017 where each user has an own one.
        var users = Enumerable.Range(0, 400);
        var (train, validation) = (TestModel.Rows(items + 1, [.. users.Select(_ => new[] { items })]), TestModel.Rows(items + 1, [.. users.Select(user => new[] { user % items })]));
        var result = _mlContext.Recommenders().Tune(options => new HillTrainer(_mlContext, options, _trained)
        {
            Ranks = [.. users.Select(user => (byte)(options.Rate == 0.5f ? 2 : user % 2 == 0 ? 1 : 8))],
        }, new HillOptions(), train, validation, new() { Trials = 10, LogPath = _log });
        Assert.All(result.Trials.Skip(1), trial => Assert.True(trial.Metric > result.Trials[0].Metric));
        Assert.All(result.Trials, trial => Assert.Equal(trial.Trial == 0, trial.StandardError == 0));
        Assert.Equal(kept, result.Best.Trial == 0);
        Assert.Equal(kept ? 0.5f : (float)result.Trials[1].Values["Rate"], result.Options.Rate);
        Assert.StartsWith($"trial {result.Best.Trial}:", result.ToString());

        // A resumed search compares with the base's ranks in the log.
        File.WriteAllLines(_log, File.ReadAllLines(_log)[..5]);
        var resumed = _mlContext.Recommenders().Tune(options => new HillTrainer(_mlContext, options, _trained)
        {
            Ranks = [.. users.Select(user => (byte)(user % 2 == 0 ? 1 : 8))],
        }, new HillOptions(), train, validation, new() { Trials = 10, LogPath = _log });
        Assert.Equal(result.Trials.Select(trial => trial.StandardError), resumed.Trials.Select(trial => trial.StandardError));
    }

    [Fact]
    public void Tune_TrialZero_IsTheBaseOptionsEvenOutsideTheRanges()
    {
        var best = new HillOptions { Rate = 0.03f, Share = 0.7, NumberOfIterations = 12 };
        var result = Tune(best, new() { Trials = 8 });
        Assert.Equal(0, result.Best.Trial);
        Assert.Equal((best.Rate, best.Share, best.NumberOfIterations), (result.Options.Rate, result.Options.Share, result.Options.NumberOfIterations));

        Assert.Equal(50, Tune(new HillOptions { Rate = 50 }, new() { Trials = 1 }).Trials[0].Values["Rate"]);
    }

    [Fact]
    public void Tune_AllValues_LieInTheRangesAndFillThem()
    {
        var trials = Tune(new HillOptions(), new() { Trials = 60, HalvingFactor = 1 }).Trials;
        var rates = trials.Skip(1).Select(trial => trial.Values["Rate"]).ToList();
        Assert.All(rates, rate => Assert.InRange(rate, 1e-4f, 1f));
        Assert.All(trials.Skip(1), trial => Assert.InRange(trial.Values["Share"], 0.5, 1));
        // Evenly on the logarithmic scale: the first ten fall into each quarter of the four decades.
        Assert.Equal(4, rates.Take(10).Select(rate => (int)Math.Floor(Math.Log10(rate))).Distinct().Count());
    }

    [Fact]
    public void Tune_SameSeed_SameTrials()
    {
        var (a, b, c) = (Tune(new HillOptions(), new()), Tune(new HillOptions(), new()), Tune(new HillOptions(), new() { Seed = 7 }));
        Assert.Equal(a.Trials.Select(trial => trial.Values), b.Trials.Select(trial => trial.Values));
        Assert.NotEqual(a.Trials[1].Values["Rate"], c.Trials[1].Values["Rate"]);
    }

    [Fact]
    public void Tune_Halving_StopsPoorTrialsAtARung()
    {
        var trials = Tune(new HillOptions(), new() { Trials = 30, HalvingFactor = 3 }).Trials;
        Assert.False(trials[0].Halved);
        Assert.Equal(15, trials[0].Metrics.Count);
        Assert.All(trials, trial => Assert.Equal(trial.Halved, trial.Metrics.Count < 15));
        Assert.All(trials.Where(trial => trial.Halved), trial => Assert.Equal(5, trial.Metrics.Count));
        Assert.InRange(trials.Count(trial => trial.Halved), 5, 25);
        var longer = Tune(new HillOptions(), new() { Trials = 30, NumberOfIterations = 50, HalvingFactor = 3 }).Trials;
        Assert.Equal([6, 17, 50], longer.Select(trial => trial.Metrics.Count).Distinct().Order());
        Assert.All(Tune(new HillOptions(), new() { Trials = 5, HalvingFactor = 1 }).Trials, trial => Assert.Equal(15, trial.Metrics.Count));
    }

    [Fact]
    public void Tune_HalvingNotGiven_HalvesByNdcgOnly()
    {
        Assert.Contains(Tune(new HillOptions(), new() { Trials = 30 }).Trials, trial => trial.Halved);
        Assert.DoesNotContain(Tune(new HillOptions { ReportsRmse = true }, new() { Trials = 30, Metric = TuneMetric.Rmse }).Trials, trial => trial.Halved);
    }

    [Fact]
    public void Tune_Ranges_ReplaceAddAndRemove()
    {
        var ranges = new Dictionary<string, TuneRangeAttribute?>
        {
            ["Rate"] = new(0.01, 0.02),
            ["Share"] = null,
            ["Kept"] = new(1, 9),
        };
        var result = Tune(new HillOptions { Share = 0.6 }, new() { Trials = 20, Ranges = ranges });
        Assert.Equal(["Kept", "Rate"], result.Trials[0].Values.Keys);
        Assert.All(result.Trials.Skip(1), trial => Assert.InRange(trial.Values["Rate"], 0.01f, 0.02f));
        Assert.All(_trained, options => Assert.Equal(0.6, options.Share));
        Assert.True(_trained.Select(options => options.Kept).Distinct().Count() > 3);
    }

    [Fact]
    public void Tune_BadRanges_NameTheOption()
    {
        Check("Nothing", new(1, 2));
        Check("UserColumnName", new(1, 2));
        Check("Rate", new(0, 1) { Logarithmic = true });
        Check("Rate", new(2, 1));
        Check("Rate", new(0, double.PositiveInfinity));

        void Check(string option, TuneRangeAttribute range) =>
            Assert.Contains(option, Assert.Throws<ArgumentException>(() => Tune(new HillOptions(), new() { Ranges = new() { [option] = range } })).Message);
    }

    [Fact]
    public void Tune_BadTunerOptions_Refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => Tune(new HillOptions(), new() { Trials = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Tune(new HillOptions(), new() { HalvingFactor = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Tune(new HillOptions(), new() { NumberOfIterations = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => Tune(new HillOptions(), new() { ValidationUsers = 0 }));
        var recommenders = _mlContext.Recommenders();
        Assert.Throws<ArgumentException>(() => recommenders.Tune(recommenders.Trainers.Popularity, new PopularityTrainer.Options(), _train, TestModel.Rows(3, [], [])));
        Assert.Throws<ArgumentException>(() => recommenders.Tune(recommenders.Trainers.Popularity, new PopularityTrainer.Options(), _train, _validation, new() { NumberOfIterations = 3 }));
    }

    [Fact]
    public void Tune_Log_ResumesWithoutRepeatingAndGoesOnWhenLonger()
    {
        var whole = Tune(new HillOptions(), new() { Trials = 25 });
        _trained.Clear();
        Tune(new HillOptions(), new() { Trials = 14, LogPath = _log });
        Assert.Equal(14, _trained.Count);
        // As if the process had been killed while it wrote the last line.
        File.WriteAllText(_log, File.ReadAllText(_log)[..^9]);
        _trained.Clear();
        var resumed = Tune(new HillOptions(), new() { Trials = 25, LogPath = _log });
        Assert.Equal(12, _trained.Count);
        Assert.Equal(whole.Trials.Select(trial => (trial.Trial, trial.Metric)), resumed.Trials.Select(trial => (trial.Trial, trial.Metric)));
        Assert.Equal(26, File.ReadAllLines(_log).Length);
        _trained.Clear();
        Assert.Equal(resumed.Best.Metric, Tune(new HillOptions(), new() { Trials = 25, LogPath = _log }).Best.Metric);
        Assert.Empty(_trained);
    }

    [Fact]
    public void Tune_LogOfAnotherTuning_Refused()
    {
        Tune(new HillOptions(), new() { Trials = 2, LogPath = _log });
        Assert.Contains(_log, Assert.Throws<ArgumentException>(() => Tune(new HillOptions { Kept = 1 }, new() { Trials = 2, LogPath = _log })).Message);
        Assert.Throws<ArgumentException>(() => Tune(new HillOptions(), new() { Trials = 2, LogPath = _log, Seed = 1 }));
        File.WriteAllText(_log, "something else\n");
        Assert.Throws<ArgumentException>(() => Tune(new HillOptions(), new() { Trials = 2, LogPath = _log }));
        Assert.Equal("something else\n", File.ReadAllText(_log));
    }

    [Fact]
    public void Tune_LogOfTheFormatBefore_SaysWhatToDo()
    {
        Tune(new HillOptions(), new() { Trials = 2, LogPath = _log });
        var lines = File.ReadAllLines(_log).Select(line => line.Split('\t')[0].Replace("\"Format\":3", "\"Format\":2"));
        var old = string.Join('\n', lines) + "\n";
        File.WriteAllText(_log, old);

        var refused = Assert.Throws<ArgumentException>(() => Tune(new HillOptions(), new() { Trials = 2, LogPath = _log }));

        Assert.Contains($"The trial log {_log} is of another version", refused.Message);
        Assert.Contains("Go on with that version, or delete the log", refused.Message);
        Assert.Equal(old, File.ReadAllText(_log));
    }

    [Fact]
    public void Tune_DamagedLogLine_Refused()
    {
        Tune(new HillOptions(), new() { Trials = 3, LogPath = _log });
        var lines = File.ReadAllLines(_log);
        string[] wrong =
        [
            lines[2][..20], "null", "{}", lines[3], lines[2][..^17], lines[2] + "\t",
            lines[1].Replace("Rate", "Fate"), lines[2].Replace("0.", "1."),
        ];
        foreach (var damaged in wrong)
        {
            File.WriteAllLines(_log, [lines[0], lines[1], damaged, lines[3]]);
            var refused = Assert.Throws<InvalidDataException>(() => Tune(new HillOptions(), new() { Trials = 3, LogPath = _log }));
            Assert.StartsWith($"Line 3 of the trial log {_log} is damaged", refused.Message);
        }
    }

    [Fact]
    public void Tune_WrongTrialWithARightChecksum_Refused()
    {
        var recommenders = _mlContext.Recommenders();
        var trial = Assert.Single(Tune().Trials);
        Assert.Equal([1], trial.Ranks!); // one held-out pair, at rank 1
        var header = File.ReadLines(_log).First();
        foreach (var wrong in new[]
        {
            trial with { Ranks = [1, 1] }, trial with { Ranks = [21] }, trial with { Ranks = [] }, trial with { Trial = 1 },
            trial with { StandardErrors = [0.1, 0.1] }, trial with { Values = null! }, trial with { Metrics = null! },
        })
        {
            File.Delete(_log);
            new TuneLog(_log, header).Add(wrong);
            Assert.Throws<InvalidDataException>(Tune);
        }

        TuneResult<PopularityTrainer.Options> Tune() => recommenders.Tune(
            recommenders.Trainers.Popularity, new PopularityTrainer.Options(), _train, _validation, new() { Trials = 1, LogPath = _log });
    }

    [Fact]
    public void Tune_OneByteOfTheLogChanged_RefusedOrTheSameResult()
    {
        var expected = Search();
        var log = File.ReadAllBytes(_log);
        var first = Array.IndexOf(log, (byte)'\n') + 1;
        _trained.Clear();
        for (int place = 0; place < log.Length - 1; place += 3)
        {
            var damaged = (byte[])log.Clone();
            damaged[place] ^= 1;
            File.WriteAllBytes(_log, damaged);
            if (place < first - 1)
                Assert.Throws<ArgumentException>(Search);
            else if (place >= first)
                Assert.Throws<InvalidDataException>(Search);
        }
        Assert.Empty(_trained);
        File.WriteAllBytes(_log, log);
        Assert.Equal(expected, Search());

        string Search() => string.Join('\n', Tune(new HillOptions(), new() { Trials = 3, LogPath = _log }).Trials);
    }

    [Fact]
    public void Tune_LineOfAnotherTuningInTheLog_Refused()
    {
        Tune(new HillOptions(), new() { Trials = 2, LogPath = _log, Seed = 1 });
        var other = File.ReadAllLines(_log);
        File.Delete(_log);
        Tune(new HillOptions(), new() { Trials = 2, LogPath = _log });
        File.WriteAllLines(_log, [.. File.ReadAllLines(_log).SkipLast(1), other[2]]);

        Assert.Throws<InvalidDataException>(() => Tune(new HillOptions(), new() { Trials = 2, LogPath = _log }));
    }

    [Fact]
    public void Tune_CancelledInATrial_ThrowsAndKeepsFinishedTrials()
    {
        using var cancellation = new CancellationTokenSource();
        var progress = new Recorder(trial =>
        {
            if (trial.Trial == 3)
                cancellation.Cancel();
        });
        Assert.ThrowsAny<OperationCanceledException>(() =>
            Tune(new HillOptions(), new() { LogPath = _log, Progress = progress, CancellationToken = cancellation.Token }));
        Assert.Equal(5, File.ReadAllLines(_log).Length);
    }

    [Fact]
    public void Tune_CancelledThroughTheTrainersOptions_Throws()
    {
        using var cancellation = new CancellationTokenSource();
        cancellation.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() => Tune(new HillOptions { CancellationToken = cancellation.Token }, new()));
    }

    [Fact]
    public void Tune_TrialsThatDiverge_AreReportedAndPassedOver()
    {
        var result = Tune(new HillOptions { DivergesAbove = 0.1f }, new());
        var failed = result.Trials.Where(trial => trial.Error is not null).ToList();
        Assert.NotEmpty(failed);
        Assert.All(failed, trial => Assert.True(double.IsNaN(trial.Metric) && trial.Iterations == 0));
        Assert.Null(result.Best.Error);
        Assert.Contains("diverged", Assert.Throws<InvalidOperationException>(() => Tune(new HillOptions { DivergesAbove = 0 }, new() { Trials = 3 })).Message);
    }

    [Fact]
    public void Tune_TrialsThatDoNotFitInMemory_AreReportedAndPassedOver()
    {
        var recommenders = new MLContext(1).Recommenders();
        var data = Testing.Checkerboard.Interactions(IdMap.FromKeys(Testing.Checkerboard.Size), IdMap.FromKeys(Testing.Checkerboard.Size));
        var split = recommenders.Splits.RandomPerUser(data, 0.3);
        var options = new WalsTrainer.Options
        {
            ApproximationRank = 8,
            NumberOfIterations = 2,
            NumberOfThreads = 1,
            MemoryLimitMegabytes = 10,
        };

        var result = recommenders.Tune(recommenders.Trainers.Wals, options, split.Train, split.Test, new TunerOptions
        {
            Trials = 5,
            Ranges = new Dictionary<string, TuneRangeAttribute?> { [nameof(options.ApproximationRank)] = new(8, 1024) },
        });

        var failed = result.Trials.Where(trial => trial.Error is not null).ToList();
        Assert.NotEmpty(failed);
        Assert.All(failed, trial => Assert.Contains("MemoryLimitMegabytes", trial.Error));
        Assert.All(failed, trial => Assert.True(trial.Values[nameof(options.ApproximationRank)] > 300));
        Assert.Null(result.Best.Error);
    }

    [Fact]
    public void Tune_TrainerWithoutIterations_IsJudgedOnItsModel()
    {
        var recommenders = _mlContext.Recommenders();
        var result = recommenders.Tune(recommenders.Trainers.Popularity, new PopularityTrainer.Options(), _train, _validation, new() { Trials = 1 });
        Assert.Equal([1.0], result.Best.Metrics); // items 1 and 2 are left for user 0, equally popular: the lower index is the held-out one
    }

    [Fact]
    public void Tune_Wals_FindsBetterOptionsThanBadBaseOnesAndTheirMetricIsThatOfTheirModel()
    {
        // Users of two groups take most items of their own group, and some of the other.
        var random = new Random(3);
        int[][] rows = new int[80][], held = new int[80][];
        for (int user = 0; user < 80; user++)
        {
            var own = Enumerable.Range(0, 40).Where(item => random.NextDouble() < (item % 2 == user % 2 ? 0.5 : 0.1)).ToArray();
            random.Shuffle(own);
            (rows[user], held[user]) = (own[2..], own[..2]);
        }
        var (train, validation) = (TestModel.Rows(40, rows), TestModel.Rows(40, held));
        var recommenders = _mlContext.Recommenders();
        var result = recommenders.Tune(
            recommenders.Trainers.Wals, new WalsTrainer.Options { ApproximationRank = 8, Regularization = 1e5f, EarlyStoppingRounds = 1 },
            train, validation, new() { Trials = 8, HalvingFactor = 1 });
        Assert.True(result.Best.Metric > result.Trials[0].Metric);
        Assert.Equal(["ItemSmoothing", "Regularization", "UnobservedPopularityExponent", "UnobservedWeight"], result.Best.Values.Keys);
        // After any number of iterations, not only after the first.
        var metrics = result.Best.Metrics;
        Assert.True(metrics.Distinct().Count() > 5);
        Assert.All(result.Trials, trial => Assert.Equal(15, trial.Metrics.Count));
        Assert.Equal(1, result.Options.EarlyStoppingRounds);
        for (int iterations = 1; iterations <= metrics.Count; iterations++)
            Assert.Equal(metrics[iterations - 1], Judge(result.Options, iterations).Value);
        Assert.Equal(
            NdcgDifference.StandardError(
                validation.ByUser,
                Judge(result.Options, result.Best.Iterations).Ranks,
                Judge(new WalsTrainer.Options { Regularization = 1e5f }, iterations: 15).Ranks),
            result.Best.StandardError);

        ValidationMetric Judge(WalsTrainer.Options tuned, int iterations)
        {
            var options = new WalsTrainer.Options
            {
                ApproximationRank = 8,
                Regularization = tuned.Regularization,
                UnobservedWeight = tuned.UnobservedWeight,
                UnobservedPopularityExponent = tuned.UnobservedPopularityExponent,
                ItemSmoothing = tuned.ItemSmoothing,
                NumberOfIterations = iterations,
            };
            return RankingEvaluator.Ndcg(recommenders.Trainers.Wals(options).Fit(train), validation);
        }
    }

    [Theory]
    [InlineData(SoftmaxDnnTarget.MultiHot, 0, "LabelShare,LearningRate,MaxExamplesPerUser")]
    [InlineData(SoftmaxDnnTarget.MultiHot, 0.1f, "LabelShare,LearningRate,MaxExamplesPerUser,Temperature")]
    [InlineData(SoftmaxDnnTarget.NextItem, 0, "LearningRate,MaxExamplesPerUser")]
    public void Tune_SoftmaxDnn_SearchesNoOptionThatDoesNothing(SoftmaxDnnTarget target, float temperature, string searched)
    {
        var recommenders = _mlContext.Recommenders();
        var (users, items) = (IdMap.FromKeys(2), IdMap.FromKeys(4));
        var train = Interactions.Create(users, items, [0, 0, 1, 1, 1], [0, 1, 0, 1, 2], timestamps: [1, 2, 1, 2, 3]);
        var options = new SoftmaxDnnTrainer.Options { ApproximationRank = 2, NumberOfIterations = 1, Target = target, Temperature = temperature };

        var result = recommenders.Tune(recommenders.Trainers.SoftmaxDnn, options, train, Interactions.Create(users, items, [0], [2]), new() { Trials = 3 });

        Assert.Equal($"ApproximationRank,HiddenLayers,{searched}", string.Join(",", result.Best.Values.Keys));
        Assert.All(result.Trials, trial => Assert.Null(trial.Error));
    }

    [Fact]
    public void Tune_EveryTrial_IsLoggedAndReported()
    {
        var messages = new List<string>();
        _mlContext.Log += (_, e) => messages.Add(e.Message);
        var told = new List<int>();
        var result = Tune(new HillOptions(), new() { Trials = 4, Progress = new Recorder(trial => told.Add(trial.Trial)) });
        Assert.Equal([0, 1, 2, 3], told);
        Assert.All(result.Trials, trial => Assert.Contains(messages, message => message.Contains(trial.ToString())));
        Assert.Equal(4, result.ToString().Split(Environment.NewLine).Count(line => line.StartsWith("trial ")));
        Assert.StartsWith($"trial {result.Best.Trial}:", result.ToString());
    }

    [Fact]
    public void Tune_Views_SameAsInteractions()
    {
        var recommenders = _mlContext.Recommenders();
        IDataView View(params (uint User, uint Item)[] rows) => _mlContext.Data.LoadFromEnumerable(rows.Select(row => new Row { Who = row.User, Item = row.Item }));
        var result = recommenders.Tune(
            recommenders.Trainers.Popularity, new PopularityTrainer.Options { UserColumnName = "Who" },
            View((5, 8), (6, 9), (6, 7)), View((5, 9)), new() { Trials = 1 });
        Assert.Equal([1.0], result.Best.Metrics);
    }

    [Fact]
    public void Tune_ValidationUsersAndThreshold_LimitWhatIsJudgedOn()
    {
        var validation = TestModel.LabelledRows(3, [.. Enumerable.Range(0, 50).Select(_ => new[] { (1, 2f), (2, 4f) })]);
        var train = TestModel.Rows(3, [.. Enumerable.Range(0, 50).Select(_ => new[] { 0 })]);
        Interactions? seen = null;
        _mlContext.Recommenders().Tune(
            options => new HillTrainer(_mlContext, options, _trained) { Watch = part => seen = part }, new HillOptions(), train, validation,
            new() { Trials = 1, ValidationUsers = 7, RelevanceThreshold = 3 });
        Assert.Equal(7, seen!.Count);
        Assert.All(Enumerable.Range(0, 50), user => Assert.True(seen.ByUser.Length(user) == 0 || seen.ByUser.Indices(user).SequenceEqual([2])));
    }

    private TuneResult<HillOptions> Tune(HillOptions options, TunerOptions tuning) =>
        _mlContext.Recommenders().Tune(o => new HillTrainer(_mlContext, o, _trained), options, _train, _validation, tuning);

    private sealed class Row
    {
        public uint Who { get; set; }
        public uint Item { get; set; }
    }

    private sealed class Recorder(Action<TuneTrial> told) : IProgress<TuneTrial>
    {
        public void Report(TuneTrial value) => told(value);
    }
}

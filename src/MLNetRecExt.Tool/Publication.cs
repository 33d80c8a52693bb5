using MLNetRecExt.Tool.Verbs;

namespace MLNetRecExt.Tool;

/// <summary>Puts a model where it is served from, unless the one there is better.</summary>
internal sealed class Publication(ConfiguredExperiment experiment, ExperimentOptions options)
{
    /// <summary>The best model of a run, whose card says what it reached.</summary>
    public static RecommenderModel Judged(RunTrainer best)
    {
        var model = best.Model!.Copy();
        model.Info = best.Model.Info?.WithMetrics(
            from metric in best.Metrics
            where double.IsFinite(metric.Mean)
            select KeyValuePair.Create(metric.Name, metric.Mean));
        return model;
    }

    /// <summary>Saves a model, or leaves the file as it is where the new one is not known to be as good.</summary>
    /// <returns>Whether it is saved, and a sentence on that.</returns>
    public (bool IsSaved, string Sentence) Publish(RecommenderModel model, string name, PublishConfiguration publish, Interactions data)
    {
        var path = experiment.PathOf(publish.To);
        if (publish.IfNotWorse != false && File.Exists(path) && WhyNot(model, path, data) is { } reason)
            return (false, $"{publish.To} stays as it is: {reason}.");
        Save(model, path, publish);
        return (true, $"{name} is saved as {publish.To}.");
    }

    /// <summary>Saves a model as the configuration says, in a folder that is made where there is none.</summary>
    public static void Save(RecommenderModel model, string path, PublishConfiguration? publish)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        model.Save(path, new() { Users = publish?.WithoutUsers != true });
    }

    /// <summary>Judges the model of a file beside the new one, by what both know and neither has learned.</summary>
    /// <returns>Why the old one is to stay; null where the new one is as good.</returns>
    private string? WhyNot(RecommenderModel model, string path, Interactions data)
    {
        var (old, test) = (ModelVerb.Load(path), ConfiguredExperiment.Split(data, options).Test);
        if (HeldOut.For(old, test, model) is not { } ofOld || HeldOut.For(model, test, old) is not { } ofNew)
            return "of the test part there is nothing that both models know and neither has learned, so they cannot be compared; "
                + "delete the file, or publish without a comparison";
        var before = HeldOut.Evaluate(experiment.Recommenders, old, ofOld, options)[options.Metric].Mean;
        var now = HeldOut.Evaluate(experiment.Recommenders, model, ofNew, options)[options.Metric].Mean;
        var isBetter = ExperimentMetric.Parse(options.Metric).IsError ? before < now : before > now;
        var figures = FormattableString.Invariant($"its {options.Metric} is {before:0.0000}, that of the new one {now:0.0000}");
        return isBetter ? figures + ", on what both know" : null;
    }
}

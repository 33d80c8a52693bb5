using System.Reflection;
using Microsoft.ML;
using Microsoft.ML.Runtime;

namespace MLNetRecExt;

/// <summary>Trainers that are compared on the same data: made by
/// <see cref="RecommendersCatalog.Experiment(Interactions, ExperimentOptions)"/>, filled by <c>Add</c>, run by
/// <see cref="Run"/>.</summary>
/// <remarks>
/// <para>A part of the data is held out to test on, and of the rest another one to choose options by. Each trainer's options are searched
/// while its share of the budget lasts; the best are trained on all but the test part, with one or several seeds, and judged there once.
/// Every two trainers are compared user by user, with p-values corrected for the number of pairs (Holm).</para>
/// <para>A trainer that fails is left out with its reason; the others go on.</para>
/// </remarks>
public sealed class Experiment
{
    private readonly IHostEnvironment _environment;
    private readonly Interactions _data;
    private readonly ExperimentOptions _options;
    private readonly List<ExperimentTrainer> _trainers = [];

    internal Experiment(IHostEnvironment environment, Interactions data, ExperimentOptions options)
    {
        ArgumentNullException.ThrowIfNull(data);
        options.Validate();
        (_environment, _data, _options) = (environment, data, options);
    }

    internal IReadOnlyList<ExperimentTrainer> Trainers => _trainers;

    /// <summary>Names of the trainers that <see cref="Add(string[])"/> knows: <c>wals</c>, <c>item-knn</c> and so on.</summary>
    public static IReadOnlyList<string> TrainerNames { get; } = [.. ExperimentTrainer.Known().Select(known => known.Name).Order()];

    /// <summary>Adds trainers with options from the data.</summary>
    /// <param name="names">Some of <see cref="TrainerNames"/>.</param>
    /// <returns>The same experiment.</returns>
    /// <exception cref="ArgumentException">There is no such trainer, or one of this name is in already.</exception>
    public Experiment Add(params string[] names)
    {
        ArgumentNullException.ThrowIfNull(names);
        foreach (var name in names)
            Add(ExperimentTrainer.Of(name, TrainerNamed(name)));
        return this;
    }

    /// <summary>Adds a trainer with options of one's own.</summary>
    /// <param name="name">Its name in the record.</param>
    /// <param name="options">What the search begins with, and what is trained where there is none. They are copied. A trainer of another
    /// assembly needs a constructor that takes an <see cref="MLContext"/> and these options.</param>
    /// <param name="ranges">Ranges to search besides those that the options declare; null as a range keeps an option as it is.</param>
    /// <returns>The same experiment.</returns>
    /// <exception cref="ArgumentException">A trainer of this name is in already, or there is none with such options.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public Experiment Add(
        string name, RecommenderTrainerOptions options, IReadOnlyDictionary<string, TuneRangeAttribute?>? ranges = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(options);
        var trainer = ExperimentTrainer.TrainerOf(options.GetType()) ?? throw new ArgumentException(
            $"No trainer is made of {options.GetType().FullName} and an MLContext alone.", nameof(options));
        return Add(ExperimentTrainer.Of(name, options.Clone(), trainer, new(ranges ?? new Dictionary<string, TuneRangeAttribute?>())));
    }

    /// <summary>Adds the trainers of an assembly, with options from the data.</summary>
    /// <param name="assembly">One with a public class that derives from <see cref="RecommenderTrainer{TModel, TOptions}"/> and has a
    /// constructor that takes an <see cref="MLContext"/> and its options. <c>MyWalkTrainer</c> is called <c>my-walk</c>.</param>
    /// <returns>The same experiment.</returns>
    /// <exception cref="ArgumentException">There is no such class, or none that can be loaded, or a trainer of its name is in already; the
    /// message says which.</exception>
    public Experiment Add(Assembly assembly)
    {
        ArgumentNullException.ThrowIfNull(assembly);
        try
        {
            (string Name, Type Trainer)[] found = [.. ExperimentTrainer.In(assembly)];
            foreach (var (name, trainer) in found)
                Add(ExperimentTrainer.Of(name, trainer));
            return found.Length > 0 ? this : throw new ArgumentException(
                $"{assembly.Location} has no trainer: a public class that derives from RecommenderTrainer<TModel, TOptions>, with a constructor "
                + "(MLContext, TOptions), and options with one that takes nothing.", nameof(assembly));
        }
        catch (ReflectionTypeLoadException e)
        {
            var reason = e.LoaderExceptions.FirstOrDefault()?.Message.Split('\n', 2)[0].TrimEnd();
            throw new ArgumentException(
                $"{assembly.Location} cannot be loaded: {reason} Build it against this version of MLNetRecExt.", nameof(assembly), e);
        }
    }

    /// <summary>Trains, judges and compares.</summary>
    /// <returns>The record: print it, save it, read <see cref="RunRecord.Best"/>.</returns>
    /// <exception cref="ArgumentException">There is no trainer; a part of the data would be empty; an option is out of its range; or a file
    /// of <see cref="ExperimentOptions.LogDirectory"/> belongs to another experiment.</exception>
    /// <exception cref="InvalidDataException">A file of <see cref="ExperimentOptions.LogDirectory"/> is damaged.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public RunRecord Run()
    {
        if (_trainers.Count == 0)
            throw new InvalidOperationException("There is no trainer to run: Add some first.");
        foreach (var member in _options.Blend)
            if (_trainers.TrueForAll(trainer => trainer.Name != member))
                throw new InvalidOperationException(
                    $"The blend names {member}, which is not in the experiment: {string.Join(", ", _trainers.Select(trainer => trainer.Name))}.");
        using var channel = _environment.Register("Experiment").Start("Run");
        return new ExperimentRun(_environment, _data, _options, _trainers, channel).Run();
    }

    private Experiment Add(ExperimentTrainer trainer)
    {
        if ((trainer.Name == ExperimentRun.BlendName && _options.Blend.Count > 0) || _trainers.Exists(other => other.Name == trainer.Name))
            throw new ArgumentException($"There is a trainer '{trainer.Name}' in the experiment already: give this one another name.");
        trainer.Prepare(_options);
        // Options are looked at now, not after hours.
        trainer.Options.Validate();
        _trainers.Add(trainer);
        return this;
    }

    private static Type TrainerNamed(string name) =>
        ExperimentTrainer.Known().Where(known => known.Name == name).Select(known => known.Trainer).FirstOrDefault()
        ?? throw new ArgumentException($"There is no trainer '{name}'; there are {string.Join(", ", TrainerNames)}.", nameof(name));
}

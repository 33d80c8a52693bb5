using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.ML;
using Microsoft.ML.Runtime;

namespace MLNetRecExt;

/// <summary>A trainer of an experiment: a name, options to begin with, and the ranges to search.</summary>
internal abstract partial class ExperimentTrainer(string name)
{
    private const string Suffix = "Trainer";

    public string Name { get; } = name;

    /// <summary>What the search begins with, and what is trained where there is none.</summary>
    public abstract RecommenderTrainerOptions Options { get; }

    /// <summary>Ranges to search besides those that options declare; null as a range: the option stays as it is.</summary>
    public Dictionary<string, TuneRangeAttribute?> Ranges { get; init; } = [];

    /// <summary>Gives the options what holds for the whole experiment.</summary>
    public void Prepare(ExperimentOptions experiment)
    {
        Options.Seed = experiment.Seed;
        Options.NumberOfThreads = experiment.NumberOfThreads;
        Options.MemoryLimitMegabytes ??= experiment.MemoryLimitMegabytes;
        Options.CancellationToken = experiment.CancellationToken;
        if (Options is ContentBasedTrainer.Options content)
            content.ItemFeatures ??= experiment.ItemFeatures;
    }

    /// <summary>What the data lacks for this trainer; null where nothing.</summary>
    public string? Lacks(ExperimentOptions experiment, Interactions train)
    {
        if (Options is NextItemEaseTrainer.Options && !train.ByUser.HasTimestamps)
            return "there are no timestamps";
        return Options is ContentBasedTrainer.Options { ItemFeatures: null } && experiment.ItemFeatures is null
            ? "there are no features of items" : null;
    }

    public abstract RecommenderTrainer Create(IHostEnvironment environment, RecommenderTrainerOptions options);

    public abstract ITuner Tune(IHostEnvironment environment, ExperimentParts parts, TunerOptions tuning, IChannel channel);

    /// <summary>The trainers of this assembly and of others, each by its name: those that can be made of an environment and options that
    /// need nothing.</summary>
    public static IEnumerable<(string Name, Type Trainer)> Known(params Assembly[] others) =>
        others.Prepend(typeof(ExperimentTrainer).Assembly).SelectMany(In);

    /// <summary>Those of one assembly.</summary>
    public static IEnumerable<(string Name, Type Trainer)> In(Assembly assembly) =>
        from type in assembly.GetTypes()
        where ConstructorOf(type) is not null
        select (NameOf(type), type);

    /// <summary>Makes one with default options.</summary>
    /// <param name="name">Its name in the experiment.</param>
    /// <param name="trainer">The trainer's class: one of <see cref="Known"/>.</param>
    public static ExperimentTrainer Of(string name, Type trainer) => Of(
        name, (RecommenderTrainerOptions)Activator.CreateInstance(ArgumentsOf(trainer)![1])!, trainer);

    public static ExperimentTrainer Of(
        string name, RecommenderTrainerOptions options, Type trainer, Dictionary<string, TuneRangeAttribute?>? ranges = null)
    {
        var make = typeof(ExperimentTrainer).GetMethod(nameof(Make), BindingFlags.Static | BindingFlags.NonPublic)!
            .MakeGenericMethod(ArgumentsOf(trainer)!)
            .CreateDelegate<Func<string, RecommenderTrainerOptions, ConstructorInfo, Dictionary<string, TuneRangeAttribute?>, ExperimentTrainer>>();
        return make(name, options, ConstructorOf(trainer)!, ranges ?? []);
    }

    /// <summary>The class whose options these are; null where there is none that can be made of them alone.</summary>
    public static Type? TrainerOf(Type options) => Known(options.Assembly).Select(known => known.Trainer).FirstOrDefault(
        trainer => ArgumentsOf(trainer)![1] == options);

    /// <summary>MyWalkTrainer: my-walk.</summary>
    public static string NameOf(Type trainer)
    {
        var name = trainer.Name.EndsWith(Suffix, StringComparison.Ordinal) && trainer.Name.Length > Suffix.Length
            ? trainer.Name[..^Suffix.Length] : trainer.Name;
        return WordStart().Replace(name, "-").ToLowerInvariant();
    }

    /// <summary>TModel and TOptions of the <see cref="RecommenderTrainer{TModel, TOptions}"/> that a type derives from; null where it does
    /// not.</summary>
    public static Type[]? ArgumentsOf(Type type)
    {
        var trainer = type.BaseType;
        while (trainer is not null && !(trainer.IsGenericType && trainer.GetGenericTypeDefinition() == typeof(RecommenderTrainer<,>)))
            trainer = trainer.BaseType;
        return trainer?.GenericTypeArguments;
    }

    private static ConstructorInfo? ConstructorOf(Type type)
    {
        if (type is not { IsAbstract: false, ContainsGenericParameters: false, IsVisible: true } || ArgumentsOf(type) is not [_, var options]
            || options.GetConstructor(Type.EmptyTypes) is null)
            return null;
        return type.GetConstructors(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic).FirstOrDefault(constructor =>
            constructor.GetParameters() is [var first, var second]
            && first.ParameterType.IsAssignableFrom(typeof(MLContext)) && second.ParameterType == options);
    }

    private static ExperimentTrainer Make<TModel, TOptions>(
        string name, RecommenderTrainerOptions options, ConstructorInfo constructor, Dictionary<string, TuneRangeAttribute?> ranges)
        where TModel : RecommenderModel
        where TOptions : RecommenderTrainerOptions => new ExperimentTrainer<TModel, TOptions>(name, (TOptions)options,
            (environment, given) => (RecommenderTrainer<TModel, TOptions>)constructor.Invoke(
                BindingFlags.DoNotWrapExceptions, null, [environment, given], null))
        {
            Ranges = ranges,
        };

    [GeneratedRegex("(?<=[a-z0-9])(?=[A-Z])")]
    private static partial Regex WordStart();
}

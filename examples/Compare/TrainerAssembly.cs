using System.Reflection;
using Microsoft.ML;
using MLNetRecExt;

namespace Compare;

/// <summary>The trainers of an assembly that somebody else built, each a row by its name.</summary>
internal sealed class TrainerAssembly
{
    private readonly Dictionary<string, Func<string, TrainerRow>> _rows = [];

    private TrainerAssembly(string path, IEnumerable<Type> types)
    {
        foreach (var type in types)
        {
            if (RowOf(type) is not { } row)
                continue;
            var name = TrainerType.NameOf(type);
            if (TrainerRows.Names(ComparisonTask.Ranking).Concat(TrainerRows.Names(ComparisonTask.Ratings)).Contains(name) || !_rows.TryAdd(name, row))
                throw new UsageException($"'{path}' has the trainer {type.FullName}, but there is a row {name} already. Rename the class.");
        }
    }

    public IReadOnlyCollection<string> Names => _rows.Keys;

    /// <summary>Loads an assembly, with those that it needs from the same folder.</summary>
    /// <exception cref="UsageException">It is no .NET assembly, or has no trainer that this program can use.</exception>
    public static TrainerAssembly Load(string path)
    {
        var types = TypesOf(path, out var error);
        var assembly = new TrainerAssembly(path, types);
        if (assembly._rows.Count > 0)
            return assembly;
        throw new UsageException(error is null
            ? $"'{path}' has no trainer: a public class that derives from RecommenderTrainer<TModel, TOptions>, "
                + "with a constructor (MLContext, TOptions), and options with one that takes nothing."
            : $"'{path}' has no trainer that can be loaded: {error.Message.Split('\n', 2)[0].TrimEnd()} Build it against this version of MLNetRecExt.");
    }

    /// <summary>The rows of those trainers that are asked for.</summary>
    public IEnumerable<TrainerRow> Create(IEnumerable<string> names) => _rows.Where(row => names.Contains(row.Key)).Select(row => row.Value(row.Key));

    /// <summary>The types that can be loaded, and why others cannot.</summary>
    private static IEnumerable<Type> TypesOf(string path, out Exception? error)
    {
        error = null;
        try
        {
            return Assembly.LoadFrom(Path.GetFullPath(path)).GetTypes();
        }
        catch (ReflectionTypeLoadException e)
        {
            error = e.LoaderExceptions.FirstOrDefault();
            return e.Types.OfType<Type>();
        }
        catch (BadImageFormatException)
        {
            throw new UsageException($"'{path}' is not a .NET assembly.");
        }
        catch (FileLoadException e)
        {
            throw new UsageException($"'{path}' cannot be loaded: {e.Message}");
        }
    }

    /// <summary>Makes a row of a trainer; null where the type is none, or cannot be made from options alone.</summary>
    private static Func<string, TrainerRow>? RowOf(Type type)
    {
        if (TrainerType.ArgumentsOf(type) is not [_, var options] arguments || !type.IsVisible || type.IsAbstract || type.ContainsGenericParameters)
            return null;
        var constructor = Array.Find(type.GetConstructors(), constructor => constructor.GetParameters() is [var first, var second]
            && first.ParameterType.IsAssignableFrom(typeof(MLContext)) && second.ParameterType == options);
        if (constructor is null || options.IsAbstract || options.GetConstructor(Type.EmptyTypes) is null)
            return null;
        var row = typeof(TrainerAssembly).GetMethod(nameof(Row), BindingFlags.Static | BindingFlags.NonPublic)!
            .MakeGenericMethod(arguments).CreateDelegate<Func<string, ConstructorInfo, TrainerRow>>();
        return name => row(name, constructor);
    }

    private static TrainerRow Row<TModel, TOptions>(string name, ConstructorInfo constructor)
        where TModel : RecommenderModel
        where TOptions : RecommenderTrainerOptions, new() =>
        new TrainerRow<TModel, TOptions>(name, (trainers, options) => (RecommenderTrainer<TModel, TOptions>)constructor.Invoke(
            BindingFlags.DoNotWrapExceptions, null, [trainers.MLContext, options], null));
}

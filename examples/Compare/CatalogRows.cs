using System.Reflection;
using MLNetRecExt;

namespace Compare;

/// <summary>The trainers of the catalog, each a row by its name with its default options.</summary>
internal static class CatalogRows
{
    /// <summary>A row for each method of the catalog that takes options alone, in the order of the catalog.</summary>
    /// <param name="others">Trainers that need more than their default options.</param>
    public static IEnumerable<(string Name, Func<string, TrainerRow> Create)> AllBut(params Type[] others) =>
        from method in typeof(RecommenderTrainersCatalog).GetMethods()
        let arguments = TrainerType.ArgumentsOf(method.ReturnType)
        where arguments is not null && !others.Contains(method.ReturnType) && method.GetParameters() is [var options] && options.ParameterType == arguments[1]
        select (TrainerType.NameOf(method.ReturnType), RowOf(method, arguments));

    private static Func<string, TrainerRow> RowOf(MethodInfo method, Type[] arguments)
    {
        var row = typeof(CatalogRows).GetMethod(nameof(Row), BindingFlags.Static | BindingFlags.NonPublic)!
            .MakeGenericMethod(arguments).CreateDelegate<Func<string, MethodInfo, TrainerRow>>();
        return name => row(name, method);
    }

    private static TrainerRow Row<TModel, TOptions>(string name, MethodInfo method)
        where TModel : RecommenderModel
        where TOptions : RecommenderTrainerOptions, new() =>
        new TrainerRow<TModel, TOptions>(name, method.CreateDelegate<Func<RecommenderTrainersCatalog, TOptions, RecommenderTrainer<TModel, TOptions>>>());
}

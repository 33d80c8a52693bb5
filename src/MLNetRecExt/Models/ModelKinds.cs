using System.Collections.Concurrent;
using System.Reflection;

namespace MLNetRecExt;

/// <summary>The kinds of models that the loaded assemblies declare, by <see cref="RecommenderKindAttribute{TModel}"/>.</summary>
internal static class ModelKinds
{
    private static readonly ConcurrentDictionary<Assembly, RecommenderKindAttribute[]> ByAssembly = [];

    /// <exception cref="NotSupportedException">No assembly declares a kind for the model.</exception>
    public static string NameOf(RecommenderModel model) => Array.Find(KindsOf(model.GetType().Assembly), kind => kind.ModelType == model.GetType())?.Name
        ?? throw new NotSupportedException(
            $"{model.GetType().Name} has no file format: implement {nameof(ISavedModel<>)} and declare [assembly: RecommenderKind<{model.GetType().Name}>(\"a name\")] beside it.");

    /// <exception cref="InvalidDataException">No loaded assembly declares a kind of that name, or several do.</exception>
    public static RecommenderKindAttribute Named(string name)
    {
        RecommenderKindAttribute[] all = [.. AppDomain.CurrentDomain.GetAssemblies().SelectMany(KindsOf)];
        return Array.FindAll(all, kind => kind.Name == name) switch
        {
            [var kind] => kind,
            [] => throw new InvalidDataException(
                $"The model is of kind '{name}'; the assemblies loaded here read {string.Join(", ", all.Select(kind => kind.Name).Order())}. "
                + "Update the package; or if the kind is of another one, load that first: mlContext.ComponentCatalog.RegisterAssembly(typeof(ItsModel).Assembly)."),
            var several => throw new InvalidDataException(
                $"The model is of kind '{name}', which {string.Join(" and ", several.Select(kind => kind.ModelType.AssemblyQualifiedName))} both claim. One of them needs another name."),
        };
    }

    private static RecommenderKindAttribute[] KindsOf(Assembly assembly) => ByAssembly.GetOrAdd(assembly, static assembly =>
        CanDeclareKinds(assembly) ? [.. assembly.GetCustomAttributes<RecommenderKindAttribute>()] : []);

    // Attributes of an assembly are looked at only where it knows the attribute: others may not resolve theirs here.
    private static bool CanDeclareKinds(Assembly assembly)
    {
        var own = typeof(ModelKinds).Assembly;
        return assembly == own || (!assembly.IsDynamic && assembly.GetReferencedAssemblies().Any(name => name.Name == own.GetName().Name));
    }
}

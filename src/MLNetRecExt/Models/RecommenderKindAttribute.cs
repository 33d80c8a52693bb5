using MLNetRecExt.Persistence;

namespace MLNetRecExt;

/// <summary>Names a kind of model in native files. Use <see cref="RecommenderKindAttribute{TModel}"/>.</summary>
[AttributeUsage(AttributeTargets.Assembly, AllowMultiple = true)]
public abstract class RecommenderKindAttribute : Attribute
{
    private protected RecommenderKindAttribute(string name) => Name = name;

    /// <summary>The name in the file.</summary>
    public string Name { get; }

    /// <summary>The model that the name stands for.</summary>
    public abstract Type ModelType { get; }

    internal abstract RecommenderModel Read(ModelReader reader, IdMap users, IdMap items, InteractionRows history);
}

/// <summary>
/// Makes a model savable: <c>[assembly: RecommenderKind&lt;MyModel&gt;("MyModel")]</c> beside the model, in any assembly.
/// <see cref="RecommenderModel.Save(string, SaveOptions?)"/> writes the name into the file, and
/// <see cref="RecommenderModel.Load(string, LoadOptions?)"/> finds the model by it.
/// </summary>
/// <remarks>
/// Looked for in the assemblies that the process has loaded. A program that loads a file, or a pipeline of <c>mlContext.Model.Save</c>,
/// before it has used
/// anything of the model's assembly calls <c>mlContext.ComponentCatalog.RegisterAssembly(typeof(MyModel).Assembly)</c> first.
/// </remarks>
/// <typeparam name="TModel">The model that the name stands for.</typeparam>
/// <param name="name">The name in the file: at most 255 bytes, different from every other kind, and for good.</param>
[AttributeUsage(AttributeTargets.Assembly, AllowMultiple = true)]
public sealed class RecommenderKindAttribute<TModel>(string name) : RecommenderKindAttribute(name)
    where TModel : RecommenderModel, ISavedModel<TModel>
{
    /// <inheritdoc/>
    public override Type ModelType => typeof(TModel);

    internal override RecommenderModel Read(ModelReader reader, IdMap users, IdMap items, InteractionRows history) =>
        TModel.Read(reader, users, items, history);
}

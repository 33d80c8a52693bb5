namespace MLNetRecExt.Testing;

/// <summary>Marks a method of <see cref="RecommenderConformance{TModel, TOptions}"/> as a check;
/// once for each case, where it takes arguments.</summary>
/// <param name="arguments">What the method is called with.</param>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
public sealed class ConformanceCheckAttribute(params object[] arguments) : Attribute
{
    /// <summary>What the method is called with.</summary>
    public IReadOnlyList<object> Arguments { get; } = arguments;
}

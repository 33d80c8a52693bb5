namespace MLNetRecExt.Fuzz;

/// <summary>A promise of the library was broken.</summary>
/// <param name="kind">Which, in a word or two: counted in the summary.</param>
/// <param name="message">What happened.</param>
/// <param name="cause">The exception that was thrown instead of a promised one.</param>
internal sealed class FuzzFailureException(string kind, string message, Exception? cause = null) : Exception(message, cause)
{
    public string Kind { get; } = kind;

    /// <summary>Fails unless something holds.</summary>
    public static void Unless(bool holds, string kind, Func<string> message)
    {
        if (!holds)
            throw new FuzzFailureException(kind, message());
    }

    /// <summary>Fails when an exception is of none of the types that are promised.</summary>
    public static void Unless(Exception thrown, string when, params ReadOnlySpan<Type> promised)
    {
        foreach (var type in promised)
            if (type.IsInstanceOfType(thrown))
                return;
        throw new FuzzFailureException($"{thrown.GetType().Name} {when}", thrown.Message, thrown);
    }
}

namespace MLNetRecExt.Fuzz;

/// <summary>A promise of the library was broken.</summary>
/// <param name="kind">Which, in a word or two: counted in the summary.</param>
/// <param name="message">What happened.</param>
/// <param name="cause">The exception that was thrown instead of a promised one.</param>
internal sealed class FuzzFailureException(string kind, string message, Exception? cause = null) : Exception(message, cause)
{
    public string Kind { get; } = kind;

    /// <summary>The file that did it, where it was one: <c>--only</c> keeps it.</summary>
    public byte[]? Input { get; init; }

    /// <summary>The same failure, with what it happened to in its kind.</summary>
    /// <param name="what">The kind of model, or the trainer: it tells failures apart.</param>
    /// <param name="cause">A failure, or another exception than a promised one.</param>
    /// <param name="input">The file that did it.</param>
    public static FuzzFailureException Of(string what, Exception cause, byte[]? input = null) =>
        new($"{what}: {(cause as FuzzFailureException)?.Kind ?? cause.GetType().Name}", cause.Message, cause) { Input = input };

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

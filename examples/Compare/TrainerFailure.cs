namespace Compare;

/// <summary>What went wrong with one trainer, while the others went on.</summary>
/// <param name="Name">The row's name.</param>
/// <param name="What">What the row did, like <c>failed</c>.</param>
/// <param name="Reason">The exception's message, in one line.</param>
internal sealed record TrainerFailure(string Name, string What, string Reason)
{
    public static TrainerFailure Of(string name, string what, Exception exception)
    {
        // Threads wrap what one of them met.
        while (exception is AggregateException { InnerException: { } inner })
            exception = inner;
        var reason = exception.Message.Split('\n', 2)[0].TrimEnd();
        var namesAnOption = exception is InvalidOperationException or InsufficientMemoryException;
        return new(name, what, namesAnOption ? $"{reason} Options are set by --set." : reason);
    }

    public override string ToString() => $"{Name} {What}: {Reason}";
}

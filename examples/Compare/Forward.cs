namespace Compare;

/// <summary>Reports at once, on the thread that does the work.</summary>
internal sealed class Forward<T>(Action<T> report) : IProgress<T>
{
    public void Report(T value) => report(value);
}

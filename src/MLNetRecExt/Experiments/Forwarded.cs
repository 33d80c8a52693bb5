namespace MLNetRecExt;

/// <summary>Progress that is told at once, on the thread that reports it.</summary>
internal sealed class Forwarded<T>(Action<T> report) : IProgress<T>
{
    public void Report(T value) => report(value);
}

using System.Globalization;

namespace MLNetRecExt.Fuzz;

/// <summary>A stretch of inputs that a worker process tries.</summary>
/// <param name="First">The first input.</param>
/// <param name="End">The one after the last.</param>
/// <param name="Until">When to stop, in ticks of UTC.</param>
/// <param name="PlacePath">The file that tells which input is being tried.</param>
internal sealed record WorkerTask(int First, int End, long Until, string PlacePath)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{First}:{End}:{Until}:{PlacePath}");

    /// <exception cref="ArgumentException">It is no task.</exception>
    public static WorkerTask Parse(string text)
    {
        return text.Split(':', 4) is [var first, var end, var until, var path]
            ? new((int)Number(first), (int)Number(end), Number(until), path)
            : throw new ArgumentException($"'{text}' is no task.");

        static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
    }
}

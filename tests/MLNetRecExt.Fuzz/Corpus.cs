namespace MLNetRecExt.Fuzz;

/// <summary>Files of past failures, kept beside the program.</summary>
internal static class Corpus
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Corpus");

    /// <summary>The files by name.</summary>
    public static IEnumerable<(string Name, byte[] Bytes)> Files =>
        Directory.EnumerateFiles(Folder, "*.model").Order(StringComparer.Ordinal)
            .Select(path => (Path.GetFileName(path), File.ReadAllBytes(path)));

    /// <summary>Tries all that have been a failure.</summary>
    /// <exception cref="FuzzFailureException">One is a failure again.</exception>
    public static void Replay()
    {
        foreach (var (name, bytes) in Files)
        {
            try
            {
                if (LoadedModel.Load(bytes) is { } model)
                    LoadedModel.SaveAgain(model, LoadedModel.Use(model));
            }
            catch (Exception e)
            {
                throw FuzzFailureException.Of($"corpus, {name}", e);
            }
        }
    }
}

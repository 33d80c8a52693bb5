using Microsoft.ML;

namespace MLNetRecExt.Fuzz;

/// <summary>A store that is written of always the same rows, and what must be true of it after a fault.</summary>
internal static class StoredRows
{
    private const int Count = 3000;

    private static readonly (int User, int Item)[] Rows = [.. Enumerable.Range(0, Count).Select(row => (row % 70, row / 70 * 7 % 100))];

    /// <summary>Writes one after the other until the process is killed.</summary>
    public static void WriteForever(string folder)
    {
        while (true)
        {
            Write(folder);
            Directory.Move(folder, Old(folder));
            Directory.Delete(Old(folder), recursive: true);
        }
    }

    public static void Write(string folder) => new MLContext(1).Recommenders().Data.ReadInteractions(
        Rows, row => row.User, row => row.Item, options: new() { Store = new(folder) });

    /// <summary>A store that is there is whole; and the next one can be written.</summary>
    public static void Check(string folder)
    {
        // What the process that was killed was taking away.
        if (Directory.Exists(Old(folder)))
            Directory.Delete(Old(folder), recursive: true);
        if (Directory.Exists(folder))
            CheckWhole();
        Write(folder);
        CheckWhole();

        void CheckWhole()
        {
            var read = InteractionStore.Open(folder).Interactions.Counts.Read;
            FuzzFailureException.Unless(read == Count, "damaged store", () => $"{read} rows instead of {Count}");
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string Old(string folder) => folder + ".old";
}

using MLNetRecExt;

/// <summary>All of the program that knows the library: while nobody calls it, a loaded pipeline finds the library by name.</summary>
internal static class NativeFile
{
    /// <summary>Prints the scores of every pair, as "score" does.</summary>
    public static void PrintScores(string path, int size)
    {
        var model = RecommenderModel.Load(path);
        for (int user = 0; user <= size; user++)
        {
            for (int item = 0; item <= size; item++)
            {
                var (userIndex, itemIndex) = (model.Users.IndexOf($"user {user}"), model.Items.IndexOf($"item {item}"));
                var score = userIndex < 0 || itemIndex < 0 ? float.NaN : model.Score(userIndex, itemIndex);
                Console.WriteLine($"user {user}\titem {item}\t{BitConverter.SingleToInt32Bits(score)}");
            }
        }
    }
}

using Microsoft.ML.Data;
using static MLNetRecExt.Testing.Checkerboard;

namespace MLNetRecExt.Tests;

/// <summary>Ids of the checkerboard, and the rows that its pipelines take and give.</summary>
internal static class CheckerboardRows
{
    public static readonly string[] UserNames = [.. Enumerable.Range(0, Size).Select(UserName)];
    public static readonly string[] ItemNames = [.. Enumerable.Range(0, Size).Select(ItemName)];
    public static readonly long[] UserNumbers = [.. Enumerable.Range(0, Size).Select(user => 1_000_000_000_000L + user)];
    public static readonly long[] ItemNumbers = [.. Enumerable.Range(0, Size).Select(item => -5L * item)];

    public sealed class TextRow
    {
        public string User = "";
        public string Item = "";
        public float Label;
    }

    public sealed class LongRow
    {
        public long User;
        public long Item;
    }

    public sealed class KeyRow
    {
        [KeyType(Size)]
        public uint User;
        [KeyType(Size)]
        public uint Item;
    }

    public sealed class UserRow
    {
        public string User = "";
    }

    public sealed class HistoryRow
    {
        public string User = "";
        [VectorType] public string[] History = [];
        [VectorType] public float[] Labels = [];
        [VectorType] public float[] Weights = [];
    }

    public sealed class KeyHistoryRow
    {
        [KeyType(Size), VectorType] public uint[] History = [];
    }

    public sealed class TextItems
    {
        public string[] Items { get; set; } = [];
        public float[] Scores { get; set; } = [];
        public string Reason { get; set; } = "";
    }

    public sealed class LongItems
    {
        public long[] Items { get; set; } = [];
    }

    public sealed class KeyItems
    {
        public uint[] Items { get; set; } = [];
        public float[] Scores { get; set; } = [];
    }

    public sealed class Scored
    {
        public float Score { get; set; }
    }

    public sealed class Reasoned
    {
        public float Score { get; set; }
        public string Reason { get; set; } = "";
    }
}

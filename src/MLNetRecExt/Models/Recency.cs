using MLNetRecExt.Persistence;

namespace MLNetRecExt;

/// <summary>
/// How what somebody took counts the less, the older it is: by 2^(−age / half-life), in the history of whoever asks. The newest entry
/// counts in full.
/// </summary>
/// <param name="HalfLife">How many later entries halve the weight of an entry; 0: this does not count.</param>
/// <param name="HalfLifeDays">How many days between an entry and the newest one halve its weight; 0: this does not count.</param>
public readonly record struct Recency(float HalfLife, float HalfLifeDays)
{
    internal const double Longest = 1e6;

    /// <summary>Whether entries count differently by age at all.</summary>
    public bool IsOn => HalfLife > 0 || HalfLifeDays > 0;

    /// <summary><see cref="HalfLifeDays"/> in the unit of timestamps; 0: this does not count.</summary>
    internal double HalfLifeIn(InteractionRows rows) => HalfLifeDays > 0 ? HalfLifeDays * rows.TimestampsPerDay!.Value : 0;

    /// <summary>What the weight of an entry is multiplied by, with a half-life in the unit of timestamps.</summary>
    internal static float Decay(long time, long newest, double halfLife) => (float)Math.Pow(2, ((double)time - newest) / halfLife);

    internal void Write(ModelWriter writer)
    {
        writer.WriteSingle(HalfLife);
        writer.WriteSingle(HalfLifeDays);
    }

    internal static Recency Read(ModelReader reader, InteractionRows history)
    {
        var recency = new Recency(ReadHalfLife(reader), ReadHalfLife(reader));
        var isPossible = recency.HalfLifeDays == 0 || (recency.HalfLife == 0 && history.TimestampsPerDay is not null);
        return isPossible ? recency : throw ModelReader.Damaged();
    }

    internal static float ReadHalfLife(ModelReader reader) =>
        reader.ReadSingle() is var halfLife and >= 0 and <= (float)Longest ? halfLife : throw ModelReader.Damaged();
}

using MLNetRecExt.Persistence;

namespace MLNetRecExt;

/// <summary>The options of <see cref="ContentBasedTrainer"/> that say what a profile is, and what is made of it.</summary>
/// <param name="LikedFrom">The label from which on an item is liked; −∞ when all are.</param>
/// <param name="DislikedWeight">How much disliked items count.</param>
/// <param name="Similarity">How a score is made.</param>
internal sealed record ContentSettings(float LikedFrom, float DislikedWeight, ContentSimilarity Similarity)
{
    public void Write(ModelWriter writer)
    {
        writer.WriteSingle(LikedFrom);
        writer.WriteSingle(DislikedWeight);
        writer.WriteInt32((int)Similarity);
    }

    /// <exception cref="ArgumentException">No training can have had such options.</exception>
    public static ContentSettings Read(ModelReader reader)
    {
        var settings = new ContentSettings(reader.ReadSingle(), reader.ReadSingle(), (ContentSimilarity)reader.ReadInt32());
        OptionChecker.CheckAs(
            float.IsNegativeInfinity(settings.LikedFrom) ? settings with { LikedFrom = 0 } : settings, typeof(ContentBasedTrainer.Options));
        return settings;
    }
}

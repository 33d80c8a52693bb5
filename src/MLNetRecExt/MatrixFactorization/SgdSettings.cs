using MLNetRecExt.Persistence;

namespace MLNetRecExt;

/// <summary>The options of <see cref="SgdMatrixFactorizationTrainer"/> that say what is learned, and how: its model folds in by
/// them.</summary>
internal sealed record SgdSettings(
    SgdLoss Loss,
    SgdNegatives Negatives,
    SgdSchedule Schedule,
    int NumberOfNegatives,
    float LearningRate,
    float LearningRateDecay,
    float Regularization,
    bool UseBiases,
    bool NonNegative,
    int Seed)
{
    // Of labels: between these the rates of factors are lowered. Above, labels are no ratings, and training diverges as it says.
    private const double LeastWideDeviation = 4, MostWideDeviation = 64;

    /// <summary>
    /// What the rates of factors are divided by: 1, or where labels lie wide a power of two near 2·(σ/2)^1.5. The noise in factors that
    /// steps leave behind grows with the cube of σ, the labels' standard deviation, and with the square of the rate.
    /// </summary>
    public float SlowdownFor(InteractionRows rows)
    {
        if (Loss != SgdLoss.SquaredError || Schedule != SgdSchedule.Decay)
            return 1;
        var deviation = rows.LabelDeviation();
        return deviation is > LeastWideDeviation and <= MostWideDeviation
            ? (float)Math.ScaleB(2, (int)Math.Round(1.5 * Math.Log2(deviation / 2)))
            : 1;
    }

    public void Write(ModelWriter writer)
    {
        writer.WriteInt32((int)Loss);
        writer.WriteInt32((int)Negatives);
        writer.WriteInt32((int)Schedule);
        writer.WriteInt32(NumberOfNegatives);
        writer.WriteSingle(LearningRate);
        writer.WriteSingle(LearningRateDecay);
        writer.WriteSingle(Regularization);
        writer.WriteInt32(UseBiases ? 1 : 0);
        writer.WriteInt32(NonNegative ? 1 : 0);
        writer.WriteInt32(Seed);
    }

    /// <exception cref="ArgumentException">No training can have had such options.</exception>
    public static SgdSettings Read(ModelReader reader)
    {
        var settings = new SgdSettings(
            Loss: (SgdLoss)reader.ReadInt32(),
            Negatives: (SgdNegatives)reader.ReadInt32(),
            Schedule: (SgdSchedule)reader.ReadInt32(),
            NumberOfNegatives: reader.ReadInt32(),
            LearningRate: reader.ReadSingle(),
            LearningRateDecay: reader.ReadSingle(),
            Regularization: reader.ReadSingle(),
            UseBiases: reader.ReadInt32() == 1,
            NonNegative: reader.ReadInt32() == 1,
            Seed: reader.ReadInt32());
        OptionChecker.CheckAs(settings, typeof(SgdMatrixFactorizationTrainer.Options));
        return settings;
    }
}

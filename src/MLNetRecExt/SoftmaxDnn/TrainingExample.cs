namespace MLNetRecExt;

/// <summary>A history and what should follow from it.</summary>
internal sealed class TrainingExample
{
    public int User { get; set; }

    /// <summary>Items in order of time where that is known; none of them is a label.</summary>
    public List<int> History { get; } = [];

    /// <summary>Share of each history entry in the mean.</summary>
    public List<float> Shares { get; } = [];

    /// <summary>Where histories have the features of items: rows of their table.</summary>
    public List<int> Features { get; } = [];

    /// <summary>Share of each in the mean.</summary>
    public List<float> FeatureShares { get; } = [];

    public List<int> Labels { get; } = [];

    /// <summary>Probability that each label should have; they sum to 1.</summary>
    public List<float> Targets { get; } = [];

    /// <summary>By label: its row among the items that the batch touches.</summary>
    public List<int> Places { get; } = [];

    public void Clear()
    {
        History.Clear();
        Shares.Clear();
        Features.Clear();
        FeatureShares.Clear();
        Labels.Clear();
        Targets.Clear();
        Places.Clear();
    }
}

namespace Compare;

/// <summary>What trainers are judged by.</summary>
internal enum ComparisonTask
{
    /// <summary>Top lists against what the user did take.</summary>
    Ranking,

    /// <summary>Predicted labels against those given.</summary>
    Ratings,
}

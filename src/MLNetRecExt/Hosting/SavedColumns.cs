namespace MLNetRecExt;

/// <summary>Names of the columns that the stock transformers of a saved pipeline hand to each other. A saved pipeline holds them: never
/// change one.</summary>
internal static class SavedColumns
{
    public const string Ask = "MLNetRecExt.Ask";
    public const string Blank = "MLNetRecExt.Blank";
    public const string State = "MLNetRecExt.State";
    public const string Model = "MLNetRecExt.Model";

    public const string UserKey = "MLNetRecExt.UserKey";
    public const string UserText = "MLNetRecExt.UserText";
    public const string ItemKey = "MLNetRecExt.ItemKey";
    public const string ItemText = "MLNetRecExt.ItemText";
    public const string HistoryKeys = "MLNetRecExt.HistoryKeys";
    public const string HistoryTexts = "MLNetRecExt.HistoryTexts";
    public const string HistoryLabels = "MLNetRecExt.HistoryLabels";
    public const string HistoryWeights = "MLNetRecExt.HistoryWeights";

    /// <summary>Of each feature that the model learned of users, in order: its categories, or as many texts as numbers, and behind them the
    /// text of <see cref="Model"/>.</summary>
    public const string FeatureTexts = "MLNetRecExt.FeatureTexts";

    /// <summary>The numbers of all features that have a text in <see cref="FeatureTexts"/>.</summary>
    public const string FeatureNumbers = "MLNetRecExt.FeatureNumbers";
    public const string FeatureText = "MLNetRecExt.FeatureText";
    public const string FeatureKeys = "MLNetRecExt.FeatureKeys";
    public const string FeatureDates = "MLNetRecExt.FeatureDates";
    public const string FeatureDays = "MLNetRecExt.FeatureDays";

    public const string NoKey = "MLNetRecExt.NoKey";
    public const string NoText = "MLNetRecExt.NoText";
    public const string NoKeys = "MLNetRecExt.NoKeys";
    public const string NoTexts = "MLNetRecExt.NoTexts";
    public const string NoNumbers = "MLNetRecExt.NoNumbers";

    public const string Score = "MLNetRecExt.Score";
    public const string Items = "MLNetRecExt.Items";
    public const string Scores = "MLNetRecExt.Scores";
    public const string Reason = "MLNetRecExt.Reason";
}

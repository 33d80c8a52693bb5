namespace MLNetRecExt;

/// <summary>What an evaluation found, on the card of the model.</summary>
public static class JudgedModelExtensions
{
    /// <summary>The same model, whose card has the metrics of a report: <see cref="ModelInfo.Metrics"/>.</summary>
    /// <remarks>Metrics that the card had before are replaced; those that are defined for no user are left out. A model that no trainer
    /// made gets a card with them and its counts.</remarks>
    /// <typeparam name="TModel">The model's type.</typeparam>
    /// <param name="model">The model that was judged, or one that was trained likewise on all data.</param>
    /// <param name="report">What <c>recommenders.Evaluate(…)</c> found.</param>
    /// <returns>A model that shares everything with this one, which stays as it is.</returns>
    /// <exception cref="ArgumentNullException">The model or the report is null.</exception>
    /// <example><code>
    /// model.WithMetrics(recommenders.Evaluate(model, heldOut)).Save("shop.model");
    /// </code></example>
    public static TModel WithMetrics<TModel>(this TModel model, EvaluationReport report)
        where TModel : RecommenderModel
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(report);
        var card = model.Info ?? new(model.GetType().Name, [], [])
        {
            Users = model.UserCount,
            Items = model.Items.Count,
            Interactions = model.History.LongEntryCount + (model.History.Removed?.Entries ?? 0),
        };
        var judged = (TModel)model.Copy();
        judged.Info = card.WithMetrics(
            from estimate in report.Estimates
            where double.IsFinite(estimate.Mean)
            select KeyValuePair.Create(estimate.Name, estimate.Mean));
        return judged;
    }
}

namespace MLNetRecExt.AspNetCore;

/// <summary>Takes feedback without making a page wait. Thread-safe.</summary>
/// <remarks>A keyed service by the recommender's name, and without a key that of the first registered.</remarks>
/// <typeparam name="TUser">Type of the user ids.</typeparam>
/// <typeparam name="TItem">Type of the item ids.</typeparam>
public interface IFeedback<TUser, TItem>
    where TUser : notnull
    where TItem : notnull
{
    /// <summary>Puts an event into the buffer, from which the sink gets it.</summary>
    /// <param name="feedback">The event.</param>
    /// <returns>False when it was dropped, and counted: the buffer is full, the application stops, or there is no sink.</returns>
    bool Add(FeedbackEvent<TUser, TItem> feedback);

    /// <summary>Events dropped since the start.</summary>
    long Dropped { get; }
}

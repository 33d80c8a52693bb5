using Microsoft.ML;
using Microsoft.ML.Runtime;

namespace MLNetRecExt;

/// <summary>What a trainer is given to train on.</summary>
public sealed class TrainingInput
{
    internal TrainingInput(Interactions train, Interactions? validation, RecommenderModel? initial, IDataView? view, IChannel channel) =>
        (Train, Validation, Initial, View, Channel) = (train, validation, initial, view, channel);

    /// <summary>What is learned from: at least one interaction.</summary>
    public Interactions Train { get; }

    /// <summary>What iterations are judged on, or null. Its ids extend those of <see cref="Train"/>.</summary>
    public Interactions? Validation { get; }

    /// <summary>The model that training starts from, of the kind that the trainer makes; null: from the start. Its ids may come in another
    /// order than those of <see cref="Train"/>: find them by <see cref="RecommenderModel.Users"/> and
    /// <see cref="RecommenderModel.Items"/>.</summary>
    public RecommenderModel? Initial { get; }

    /// <summary>The view that <see cref="Train"/> was read from, for columns beside interactions; null when interactions were
    /// given.</summary>
    public IDataView? View { get; }

    internal IChannel Channel { get; }

    /// <summary>Writes a line to <see cref="MLContext.Log"/>.</summary>
    public void Log(string message) => Channel.Info(MessageSensitivity.None, "{0}", message);

    /// <summary>By user and by item of <see cref="Train"/> the index that it has in <see cref="Initial"/>; −1 where that knows nothing of
    /// it.</summary>
    internal (int[] Users, int[] Items) IndicesInInitial()
    {
        var initial = Initial!;
        var users = Train.Users.IndicesIn(initial.Users, initial.IsKnownUser);
        var items = Train.Items.IndicesIn(initial.Items, initial.IsKnownItem);
        Log(FormattableString.Invariant($"Starts from a model that knows {users.Count(index => index >= 0):N0} of {users.Length:N0} users ")
            + FormattableString.Invariant($"and {items.Count(index => index >= 0):N0} of {items.Length:N0} items."));
        return (users, items);
    }

    /// <summary>Writes a warning to <see cref="MLContext.Log"/>.</summary>
    public void Warn(string message) => Channel.Warning(MessageSensitivity.None, "{0}", message);
}

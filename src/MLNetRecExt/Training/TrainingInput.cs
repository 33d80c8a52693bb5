using Microsoft.ML;
using Microsoft.ML.Runtime;

namespace MLNetRecExt;

/// <summary>What a trainer is given to train on.</summary>
public sealed class TrainingInput
{
    internal TrainingInput(Interactions train, Interactions? validation, IDataView? view, IChannel channel) =>
        (Train, Validation, View, Channel) = (train, validation, view, channel);

    /// <summary>What is learned from: at least one interaction.</summary>
    public Interactions Train { get; }

    /// <summary>What iterations are judged on, or null. Its ids extend those of <see cref="Train"/>.</summary>
    public Interactions? Validation { get; }

    /// <summary>The view that <see cref="Train"/> was read from, for columns beside interactions; null when interactions were
    /// given.</summary>
    public IDataView? View { get; }

    internal IChannel Channel { get; }

    /// <summary>Writes a line to <see cref="MLContext.Log"/>.</summary>
    public void Log(string message) => Channel.Info(MessageSensitivity.None, "{0}", message);

    /// <summary>Writes a warning to <see cref="MLContext.Log"/>.</summary>
    public void Warn(string message) => Channel.Warning(MessageSensitivity.None, "{0}", message);
}

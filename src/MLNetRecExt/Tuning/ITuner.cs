namespace MLNetRecExt;

/// <summary>A search for options that is run trial by trial, whatever the trainer: searches of several trainers can take turns.</summary>
internal interface ITuner
{
    /// <summary>All trials so far, in order.</summary>
    IReadOnlyList<TuneTrial> Trials { get; }

    /// <summary>The trial with the best <see cref="TuneTrial.CautiousMetric"/> so far; null while none has run or all failed.</summary>
    TuneTrial? Best { get; }

    /// <summary>What <see cref="Best"/> trained, if models are kept: on the training part, with the iteration that the trainer found best.
    /// Null for a trial that was taken from the log, or stopped before its last iteration.</summary>
    RecommenderModel? BestModel { get; }

    /// <summary>How many options are searched. 0: there is nothing to find behind the first trial.</summary>
    int Dimensions { get; }

    /// <summary>A trainer with the options of <see cref="Best"/> and its number of iterations.</summary>
    /// <exception cref="InvalidOperationException">There is no best trial.</exception>
    RecommenderTrainer BestTrainer { get; }

    /// <summary>The options of <see cref="Best"/> and its number of iterations.</summary>
    /// <exception cref="InvalidOperationException">There is no best trial.</exception>
    RecommenderTrainerOptions BestOptions { get; }

    /// <summary>What to mind about the choice, known before the first trial.</summary>
    IReadOnlyList<string> Warnings { get; }

    /// <summary>The options that <see cref="Best"/> has at an end of their range. Empty until a second trial has run.</summary>
    IReadOnlyList<TuneEdge> Edges { get; }

    /// <summary>Runs the next trial, or takes it from the log. Which setting it is depends on the seed and the trials before it
    /// alone.</summary>
    /// <param name="limit">How long it may run; null: to its end. When time is up it counts with the iterations that it has finished
    /// (<see cref="TuneTrial.OutOfTime"/>), and the next call runs it again from the start.</param>
    /// <returns>The trial; null where its time was up before anything of it could be judged.</returns>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    TuneTrial? Next(TimeSpan? limit = null);

    /// <summary>Lets go of <see cref="BestModel"/>, whose memory another training may need.</summary>
    void DropModel();
}
